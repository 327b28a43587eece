namespace Causerie.Training.Corpus.Tables;

/// <summary>What a cat on the keyboard types.</summary>
internal sealed class Gibberish : ComputedTable
{
    private const string Keys = "qwertyuiopasdfghjklzxcvbnm";

    /// <inheritdoc/>
    public override string Name => "gibberish";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns { get; } = ["text"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Draw(Dice dice)
    {
        var words = new string[dice.Next(3) + 1];
        for (int word = 0; word < words.Length; word++)
        {
            // Hands stay where they are: neighbours on the keyboard come after one another.
            int key = dice.Next(Keys.Length);
            words[word] = string.Concat(Enumerable.Range(0, dice.Next(7) + 3)
                .Select(_ => Keys[key = (key + dice.Next(5) + Keys.Length - 2) % Keys.Length]));
        }
        return [string.Join(' ', words)];
    }
}
