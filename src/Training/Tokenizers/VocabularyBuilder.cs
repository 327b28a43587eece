using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;

namespace Causerie.Training.Tokenizers;

/// <summary>The vocabulary of a model that is to be trained: byte pairs from its own texts, and the marks of its template.</summary>
public static class VocabularyBuilder
{
    /// <summary>Control tokens, in the order of their ids; the first ends a text and fills up, the last ends a turn.</summary>
    private static readonly string[] Control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <summary>Trains a vocabulary.</summary>
    /// <param name="texts">What it is to spell well.</param>
    /// <param name="size">Its tokens, the control tokens included.</param>
    /// <param name="chats">Whether turns end, or only texts.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    /// <exception cref="CorpusException">The texts are too few for so many tokens.</exception>
    public static Vocabulary Train(IEnumerable<string> texts, int size, bool chats, Action<double> progress)
    {
        var trained = BytePairTrainer.Train(texts, size - Control.Length, progress);
        if (trained.Tokens.Count != size - Control.Length)
            throw new CorpusException(
                $"The texts give a vocabulary of {trained.Tokens.Count + Control.Length} tokens at most, not {size}.");
        int first = trained.Tokens.Count;
        return new Vocabulary
        {
            Model = "gpt2",
            PreTokenizer = BytePairTrainer.PreTokenizer,
            Tokens = (string[])[.. trained.Tokens, .. Control],
            Merges = (string[])[.. trained.Merges],
            Kinds =
            [
                .. Enumerable.Repeat(TokenKind.Normal, first), .. Enumerable.Repeat(TokenKind.Control, Control.Length),
            ],
            Eos = chats ? first + Control.Length - 1 : first,
            Padding = first,
            AddBos = false,
        };
    }
}
