using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Parsers;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference;

/// <summary>Brings the probabilities of tokens together with the pieces of content that they are told with.</summary>
internal sealed class AnswerLogProbs(Tokenizer tokenizer)
{
    private readonly Queue<(TokenLogProb Token, int Begin, int End)> _raw = []; // by characters of all text
    private readonly Queue<(TokenLogProb Token, int Begin, int End)> _content = []; // by characters of content
    private int _rawLength;
    private int _contentLength;
    private int _told; // characters of content that were given out

    /// <summary>Takes a token and the text that it completed.</summary>
    public void Add(GeneratedToken token, int characters)
    {
        bool hidden = characters == 0 && tokenizer.Bytes(token.Id).IsEmpty; // a control token says nothing that is read
        if (token.Chance is not { } chance || hidden)
            return;
        var its = new TokenLogProb(Bytes(token.Id), chance.LogProb)
        {
            Top = [.. chance.Top.Select(other => new TokenLogProb(Bytes(other.Id), other.LogProb))],
        };
        _raw.Enqueue((its, _rawLength, _rawLength += characters));
    }

    /// <summary>Takes a piece of content; tokens before it were thinking, calls or marks.</summary>
    public void Add(AnswerPiece.Content piece)
    {
        int begin = _contentLength;
        _contentLength += piece.Text.Length;
        while (_raw.TryPeek(out var next) && next.End <= piece.End)
        {
            _raw.Dequeue();
            if (next.End > piece.Begin || (next.Begin == next.End && next.Begin >= piece.Begin))
                _content.Enqueue((next.Token, begin + Math.Max(0, next.Begin - piece.Begin), begin + next.End - piece.Begin));
        }
    }

    /// <summary>The piece with the tokens that it completes.</summary>
    /// <param name="text">The next piece of the answer.</param>
    /// <param name="last">Whether none follows: then tokens count of which only a part was given out.</param>
    public ChatText With(string text, bool last = false)
    {
        _told += text.Length;
        if (_content.Count == 0)
            return new ChatText(text);
        var tokens = ImmutableArray.CreateBuilder<TokenLogProb>();
        while (_content.TryPeek(out var next) && (next.End <= _told || (last && next.Begin < _told)))
            tokens.Add(_content.Dequeue().Token);
        return new ChatText(text) { LogProbs = tokens.ToImmutable() };
    }

    private ImmutableArray<byte> Bytes(int id) => [.. tokenizer.Bytes(id, showSpecial: true)];
}
