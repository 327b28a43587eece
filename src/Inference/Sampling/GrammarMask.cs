using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Masks;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Leaves only tokens after which the answer can still become a text of the grammar.</summary>
/// <remarks>A token that ends the answer may come where the text may end.</remarks>
/// <param name="grammar">The texts; begun by nobody else.</param>
/// <param name="tokenizer">The model's.</param>
public sealed class GrammarMask(Grammar grammar, Tokenizer tokenizer)
{
    private readonly TokenMasks _masks = tokenizer.Masks;
    private readonly ulong[] _mask = new ulong[tokenizer.Masks.Words]; // bit t % 64 of word t / 64 is token t
    private readonly int[] _ends =
        [.. Enumerable.Range(0, tokenizer.Vocabulary.Tokens.Length).Where(tokenizer.IsEndOfGeneration)];

    private GrammarState? _state = grammar.Start;
    private GrammarState? _filledFor;
    private string? _fault;

    /// <summary>Learns of a token of the answer.</summary>
    public void Accept(int token)
    {
        if (_fault is not null || tokenizer.IsEndOfGeneration(token))
            return;
        try
        {
            foreach (byte next in ControlTokens.GrammarBytes(tokenizer, token))
                _state = _state?.Step(next);
        }
        catch (GrammarException e)
        {
            _fault = e.Message; // said when the next token is picked: here it would end others' answers, too
        }
    }

    /// <summary>Excludes tokens.</summary>
    /// <param name="logits">[vocabulary] f32; those of tokens that may not come become −∞.</param>
    /// <exception cref="ChatException">What the grammar asks here cannot be worked out, or no token goes on.</exception>
    public void Apply(Span<float> logits)
    {
        if (_fault is not null)
            throw Fault(_fault);
        if (_state is null)
            throw Fault("the answer has left it.");
        if (!ReferenceEquals(_state, _filledFor))
            Fill(_state);
        ulong any = 0;
        for (int word = 0; word < _mask.Length; word++)
        {
            ulong bits = _mask[word];
            any |= bits;
            if (bits == ulong.MaxValue)
                continue;
            var its = logits[(word * 64)..Math.Min((word + 1) * 64, logits.Length)];
            if (bits == 0)
            {
                its.Fill(float.NegativeInfinity);
                continue;
            }
            for (int i = 0; i < its.Length; i++)
                if ((bits >> i & 1) == 0)
                    its[i] = float.NegativeInfinity;
        }
        if (logits.Length > _mask.Length * 64)
            logits[(_mask.Length * 64)..].Fill(float.NegativeInfinity); // rows without a token
        if (any == 0)
            throw Fault("no token of this model's vocabulary goes on here.");
    }

    private void Fill(GrammarState state)
    {
        try
        {
            _masks.Fill(state, _mask);
            foreach (int end in _ends)
            {
                if (state.CanEnd)
                    _mask[end >> 6] |= 1UL << end;
                else
                    _mask[end >> 6] &= ~(1UL << end);
            }
            _filledFor = state;
        }
        catch (GrammarException e)
        {
            throw Fault(_fault = e.Message);
        }
    }

    private static ChatException Fault(string message) =>
        new(ChatErrorKind.Unsupported, $"The answer's grammar cannot be enforced: {message}", "response_format");
}
