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
    /// <param name="marks">Names of what answers are about: each has a control token, behind the others.</param>
    /// <exception cref="CorpusException">The texts are too few for so many tokens, or the marks too many.</exception>
    public static Vocabulary Train(
        IEnumerable<string> texts, int size, bool chats, Action<double> progress, IReadOnlyCollection<string>? marks = null)
    {
        string[] control = [.. Control, .. (marks ?? []).Select(Mark)];
        if (size - control.Length < 256)
            throw new CorpusException($"A vocabulary of {size} tokens has no room for {control.Length} control tokens and the bytes.");
        var trained = BytePairTrainer.Train(texts, size - control.Length, progress);
        if (trained.Tokens.Count != size - control.Length)
            throw new CorpusException(
                $"The texts give a vocabulary of {trained.Tokens.Count + control.Length} tokens at most, not {size}.");
        int first = trained.Tokens.Count;
        return new Vocabulary
        {
            Model = "gpt2",
            PreTokenizer = BytePairTrainer.PreTokenizer,
            Tokens = (string[])[.. trained.Tokens, .. control],
            Merges = (string[])[.. trained.Merges],
            Kinds =
            [
                .. Enumerable.Repeat(TokenKind.Normal, first), .. Enumerable.Repeat(TokenKind.Control, control.Length),
            ],
            Eos = chats ? first + Control.Length - 1 : first,
            Padding = first,
            AddBos = false,
        };
    }

    /// <summary>How the control token is spelt by which an answer says what it is about.</summary>
    /// <param name="topic">The topic's name.</param>
    public static string Mark(string topic) => $"<|topic:{topic}|>";
}
