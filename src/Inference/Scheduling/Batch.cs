using System.Runtime.InteropServices;
using Causerie.Inference.KvCache;

namespace Causerie.Inference.Scheduling;

/// <summary>The tokens of one forward pass, from one or many sequences.</summary>
internal sealed class Batch
{
    private readonly List<BatchSlice> _slices = [];
    private readonly List<int> _logitRows = [];
    private int[] _tokens = new int[64]; // [n]
    private int[] _positions = new int[64]; // [n]

    /// <summary>Tokens.</summary>
    public int Count { get; private set; }

    /// <summary>[n] token ids.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>[n] positions, each in its own sequence.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Count);

    /// <summary>The runs of rows that belong to one sequence.</summary>
    public ReadOnlySpan<BatchSlice> Slices => CollectionsMarshal.AsSpan(_slices);

    /// <summary>The rows whose logits are wanted, ascending.</summary>
    public ReadOnlySpan<int> LogitRows => CollectionsMarshal.AsSpan(_logitRows);

    /// <summary>Empties the batch, to be filled again.</summary>
    public void Clear()
    {
        Count = 0;
        _slices.Clear();
        _logitRows.Clear();
    }

    /// <summary>Adds new positions of one sequence.</summary>
    /// <param name="kv">The sequence's cache, which holds the positions before and has room for the new ones.</param>
    /// <param name="tokens">The new tokens.</param>
    /// <param name="position">Position of the first one.</param>
    /// <param name="logits">Which of them need logits.</param>
    /// <param name="sequence">Whom the tokens belong to, where a scheduler asks.</param>
    public void Add(
        BlockTable kv, ReadOnlySpan<int> tokens, int position, WantedLogits logits, Sequence? sequence = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, kv.Capacity - position, nameof(tokens));
        _slices.Add(new BatchSlice(kv, Count, position, tokens.Length, logits, sequence));
        for (int i = 0; i < tokens.Length; i++)
        {
            if (Count == _tokens.Length)
            {
                Array.Resize(ref _tokens, 2 * Count);
                Array.Resize(ref _positions, 2 * Count);
            }
            if (logits == WantedLogits.All || (logits == WantedLogits.Last && i == tokens.Length - 1))
                _logitRows.Add(Count);
            _tokens[Count] = tokens[i];
            _positions[Count++] = position + i;
        }
    }
}

/// <summary>A run of rows of a batch that belongs to one sequence.</summary>
/// <param name="Kv">The sequence's cache.</param>
/// <param name="Row">First row in the batch.</param>
/// <param name="Position">Position of that row in the sequence.</param>
/// <param name="Count">Rows.</param>
/// <param name="Logits">Which rows need logits.</param>
/// <param name="Sequence">Whom the rows belong to, where a scheduler made the batch.</param>
internal readonly record struct BatchSlice(
    BlockTable Kv, int Row, int Position, int Count, WantedLogits Logits, Sequence? Sequence)
{
    /// <summary>How many rows need logits: the slice's last ones.</summary>
    public int LogitCount => Logits switch
    {
        WantedLogits.None => 0,
        WantedLogits.Last => Math.Min(1, Count),
        _ => Count,
    };
}

/// <summary>Which rows of a slice need logits.</summary>
internal enum WantedLogits
{
    /// <summary>None: a prompt's chunk that is not its last.</summary>
    None,

    /// <summary>The last one, to pick the next token from.</summary>
    Last,

    /// <summary>Every one, to compare or to score a text.</summary>
    All,
}
