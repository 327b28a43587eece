using Causerie.Chat;
using Causerie.Text.Grammars;
using Causerie.Text.Grammars.Masks;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Sampling;

/// <summary>Leaves only tokens after which the answer can still become a text of the grammar.</summary>
/// <remarks>A token that ends the answer may come where the text may end, and no other control token anywhere.</remarks>
public sealed class GrammarMask : SamplerStage
{
    private GrammarState? _state;
    private GrammarState? _filledFor;
    private Tokenizer? _tokenizer;
    private TokenMasks? _masks;
    private ulong[] _mask = []; // [vocabulary / 64]
    private int[] _ends = [];
    private string? _fault;

    /// <inheritdoc/>
    public override int Place => -10;

    /// <inheritdoc/>
    public override int? Sees => null;

    /// <inheritdoc/>
    /// <exception cref="ChatException">The grammar is malformed, or asks for what cannot be enforced.</exception>
    public override bool Configure(SamplerSettings settings, Tokenizer tokenizer)
    {
        if (settings.Grammar is not { } grammar)
            return false;
        try
        {
            _state = GrammarFormat.Read(grammar.Kind, grammar.Source).Start;
        }
        catch (GrammarException e)
        {
            throw ChatException.Invalid($"The answer's grammar cannot be enforced: {e.Message}", "response_format");
        }
        _tokenizer = tokenizer;
        _masks = tokenizer.Masks;
        _mask = new ulong[_masks.Words];
        _ends = [.. Enumerable.Range(0, tokenizer.Vocabulary.Tokens.Length).Where(tokenizer.IsEndOfGeneration)];
        return true;
    }

    /// <inheritdoc/>
    public override void AcceptPrompt(ReadOnlySpan<int> prompt)
    {
        // The answer is held to the grammar, not what it answers.
    }

    /// <inheritdoc/>
    public override void Accept(int token)
    {
        if (_fault is not null || _tokenizer!.IsEndOfGeneration(token))
            return;
        try
        {
            foreach (byte next in _tokenizer.Bytes(token))
                _state = _state?.Step(next);
        }
        catch (GrammarException e)
        {
            _fault = e.Message; // said when the next token is picked: here it would end others' answers, too
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ChatException">What the grammar asks here cannot be worked out, or no token goes on.</exception>
    public override void Adjust(Span<float> logits)
    {
        if (_fault is not null)
            throw Fault(_fault);
        if (_state is null)
            throw Fault("the answer has left it.");
        if (!ReferenceEquals(_state, _filledFor))
            Fill(_state);
        bool any = false;
        for (int word = 0; word < _mask.Length; word++)
        {
            ulong bits = _mask[word];
            any |= bits != 0;
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
        if (!any)
            throw Fault("no token of this model's vocabulary goes on here.");
    }

    private void Fill(GrammarState state)
    {
        try
        {
            _masks!.Fill(state, _mask);
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
