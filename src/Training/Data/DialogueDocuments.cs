using Causerie.Training.Corpus;

namespace Causerie.Training.Data;

/// <summary>Dialogues drawn from books, one a number.</summary>
/// <param name="expander">Draws dialogues.</param>
/// <param name="encoder">Makes them tokens.</param>
/// <param name="context">The longest sequence.</param>
/// <param name="seed">Where chance comes from.</param>
public sealed class DialogueDocuments(Expander expander, DialogueEncoder encoder, int context, ulong seed) : IDocuments
{
    /// <inheritdoc/>
    public Document this[long index] =>
        encoder.Encode(expander.Draw(new Dice(seed).Fork((ulong)index)), context + 1);
}
