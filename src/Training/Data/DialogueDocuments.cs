using Causerie.Training.Corpus;

namespace Causerie.Training.Data;

/// <summary>Dialogues drawn from books, one a number.</summary>
/// <param name="expander">Draws dialogues.</param>
/// <param name="encoder">Makes them tokens.</param>
/// <param name="context">The longest sequence.</param>
/// <param name="seed">Where chance comes from.</param>
/// <param name="questionsLearnt">How many tokens of questions are learnt too, as a part.</param>
public sealed class DialogueDocuments(
    Expander expander, DialogueEncoder encoder, int context, ulong seed, double questionsLearnt) : IDocuments
{
    /// <inheritdoc/>
    public Document this[long index]
    {
        get
        {
            var dice = new Dice(seed).Fork((ulong)index);
            var document = encoder.Encode(expander.Draw(dice), context + 1);
            for (int i = 0; questionsLearnt > 0 && i < document.Learnt.Length; i++)
                document.Learnt[i] |= dice.NextDouble() < questionsLearnt;
            return document;
        }
    }
}
