using Causerie.Chat;
using Causerie.Conversations;

namespace Causerie.Tests;

public class MessageTreeTests
{
    // 1 ─ 2 ─ 3 ─ 4
    //   │   └ 6 ─ 7
    //   └ 5
    private static readonly Message[] Talk =
        [Of(1, null), Of(2, 1), Of(3, 2), Of(4, 3), Of(5, 1), Of(6, 2), Of(7, 6)];

    [Fact]
    public void Shows_the_branch_that_ends_at_the_leaf() =>
        Assert.Equal([1, 2, 3, 4], new MessageTree(Talk, 4).Branch.Select(m => m.Id));

    [Theory]
    [InlineData(null)]
    [InlineData(99L)]
    public void Shows_the_newest_message_where_the_leaf_is_unknown(long? leaf) =>
        Assert.Equal([1, 2, 6, 7], new MessageTree(Talk, leaf).Branch.Select(m => m.Id));

    [Fact]
    public void Knows_the_versions_of_each_message()
    {
        var tree = new MessageTree(Talk, 4);
        Assert.Equal([2, 5], tree.VersionsOf(tree.Find(2)!).Select(m => m.Id));
        Assert.Equal([3, 6], tree.VersionsOf(tree.Find(6)!).Select(m => m.Id));
        Assert.Equal([1], tree.VersionsOf(tree.Find(1)!).Select(m => m.Id));
    }

    [Theory]
    [InlineData(2, 7)]
    [InlineData(3, 4)]
    [InlineData(5, 5)]
    public void Steps_to_the_newest_end_of_a_version(long version, long leaf) =>
        Assert.Equal(leaf, new MessageTree(Talk, 4).LeafUnder(version));

    [Fact]
    public void Is_empty_without_messages()
    {
        var tree = new MessageTree([], null);
        Assert.Null(tree.Leaf);
        Assert.Empty(tree.Branch);
    }

    [Fact]
    public void Ends_on_a_ring_that_no_good_database_holds() =>
        Assert.True(new MessageTree([Of(1, 2), Of(2, 1)], 2).Branch.Length <= 2);

    private static Message Of(long id, long? parent) =>
        new(id, "c", parent, ChatRole.User, "", MessageState.Complete, DateTimeOffset.UnixEpoch);
}
