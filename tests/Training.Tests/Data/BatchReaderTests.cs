using Causerie.Training.Data;

namespace Causerie.Training.Tests.Data;

public sealed class BatchReaderTests
{
    [Fact]
    public void Documents_are_joined_while_they_fit_and_each_learns_only_its_own()
    {
        var reader = new BatchReader(new Numbered(), 7);
        var first = reader.Read();
        Assert.Equal([0, 1, 2, 0, 1, 2], first.Tokens);
        Assert.Equal([1, -1, 3, 1, -1, 3], first.Targets);
        Assert.Equal([0, 3, 6], first.Starts);
        Assert.Equal(4, first.Learnt);
        Assert.Equal(2, reader.Next);
    }

    [Fact]
    public void A_document_longer_than_a_batch_has_one_of_its_own()
    {
        var reader = new BatchReader(new Numbered(), 2) { Next = 5 };
        Assert.Equal([0, 3], reader.Read().Starts);
        Assert.Equal(6, reader.Next);
    }

    private sealed class Numbered : IDocuments
    {
        public Document this[long index] => new([0, 1, 2, 3], [false, true, false, true]);
    }
}
