namespace Causerie.Training.Models;

/// <summary>The sizes of a decoder of Llama's family that is trained: the embedding serves as its head, too.</summary>
/// <param name="Vocabulary">Tokens.</param>
/// <param name="Layers">Blocks.</param>
/// <param name="Width">Elements of the residual stream.</param>
/// <param name="Heads">Heads of queries.</param>
/// <param name="KeyHeads">Heads of keys and values.</param>
/// <param name="HeadDim">Elements of a head.</param>
/// <param name="FeedForward">Elements inside the feed-forward block.</param>
/// <param name="Context">The longest sequence, in tokens.</param>
public sealed record TransformerShape(
    int Vocabulary, int Layers, int Width, int Heads, int KeyHeads, int HeadDim, int FeedForward, int Context)
{
    /// <summary>Base of the rotation's wavelengths.</summary>
    public float RopeBase { get; init; } = 10_000;

    /// <summary>ε of the norms.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Elements of a token's queries.</summary>
    public int QueryWidth => Heads * HeadDim;

    /// <summary>Elements of a token's keys.</summary>
    public int KeyWidth => KeyHeads * HeadDim;

    /// <summary>Sizes that cannot be are refused.</summary>
    /// <exception cref="ArgumentException">The message names the size and what it must be.</exception>
    public void Check()
    {
        Require(Vocabulary, 2, 1 << 20, nameof(Vocabulary));
        Require(Layers, 1, 1024, nameof(Layers));
        Require(Width, 32, 1 << 16, nameof(Width));
        Require(Heads, 1, 1024, nameof(Heads));
        Require(KeyHeads, 1, Heads, nameof(KeyHeads));
        Require(HeadDim, 2, 256, nameof(HeadDim));
        Require(FeedForward, 32, 1 << 18, nameof(FeedForward));
        Require(Context, 8, 1 << 20, nameof(Context));
        if (Heads % KeyHeads != 0)
            throw new ArgumentException($"{Heads} heads of queries are not whole groups for {KeyHeads} of keys.");
        if (HeadDim % 2 != 0 || Width % 32 != 0 || FeedForward % 32 != 0 || QueryWidth % 32 != 0)
            throw new ArgumentException(
                "Heads have an even number of elements, and rows of every matrix are whole blocks of 32.");
        if (new ParameterLayout(this).Length > int.MaxValue / 8)
            throw new ArgumentException("A model of over 250 million parameters is too large to be trained here.");
    }

    private static void Require(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentException($"{name} is {value}; it is {least} to {most}.");
    }
}
