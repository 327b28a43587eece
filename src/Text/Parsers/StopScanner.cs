using System.Buffers;
using System.Text;

namespace Causerie.Text.Parsers;

/// <summary>Finds the texts that end an answer while it streams, and holds back only what may yet become one.</summary>
/// <remarks>
/// Aho and Corasick's automaton: time linear in the text, whatever the number of stop texts and wherever the pieces are
/// cut. The stop text that ends first wins; of those that end together, the longest.
/// </remarks>
public sealed class StopScanner
{
    private readonly Dictionary<(int State, char Next), int> _edges = [];
    private readonly List<int> _fallback = [0];
    private readonly List<int> _depth = [0];
    private readonly List<string?> _ends = [null];
    private readonly StringBuilder _held = new();
    private readonly SearchValues<char> _beginnings;
    private int _state;

    /// <summary>A scanner for one answer.</summary>
    /// <param name="stops">Texts that end it; none may be empty.</param>
    public StopScanner(IEnumerable<string> stops)
    {
        foreach (string stop in stops)
        {
            ArgumentException.ThrowIfNullOrEmpty(stop, nameof(stops));
            Add(stop);
        }
        LinkFallbacks();
        _beginnings = SearchValues.Create([.. _edges.Keys.Where(edge => edge.State == 0).Select(edge => edge.Next)]);
    }

    /// <summary>The stop text that was found; null while there is none.</summary>
    public string? Found { get; private set; }

    /// <summary>Whether the answer has ended; nothing more comes out then.</summary>
    public bool Stopped => Found is not null;

    /// <summary>Takes a piece of the answer.</summary>
    /// <returns>The text before the stop text, or all that cannot be part of one any more; possibly empty.</returns>
    public string Push(ReadOnlySpan<char> text)
    {
        if (Stopped)
            return "";
        if (_edges.Count == 0)
            return text.ToString();
        for (int i = 0; i < text.Length; i++)
        {
            if (_state == 0)
            {
                int skipped = text[i..].IndexOfAny(_beginnings);
                if (skipped < 0)
                    break;
                i += skipped;
            }
            _state = Step(_state, text[i]);
            if (_ends[_state] is not { } found)
                continue;
            Found = found;
            _held.Append(text[..(i + 1)]);
            _held.Length -= found.Length;
            return Take(_held.Length);
        }
        if (_state == 0 && _held.Length == 0)
            return text.ToString();
        _held.Append(text);
        return Take(_held.Length - _depth[_state]);
    }

    /// <summary>The answer is over: what was held back, which is not a stop text after all.</summary>
    public string Flush()
    {
        _state = 0;
        return Stopped ? "" : Take(_held.Length);
    }

    private string Take(int length)
    {
        string text = _held.ToString(0, length);
        if (Stopped)
            _held.Clear();
        else
            _held.Remove(0, length);
        return text;
    }

    private void Add(string stop)
    {
        int state = 0;
        foreach (char next in stop)
        {
            if (!_edges.TryGetValue((state, next), out int child))
            {
                child = _depth.Count;
                _edges.Add((state, next), child);
                _fallback.Add(0);
                _depth.Add(_depth[state] + 1);
                _ends.Add(null);
            }
            state = child;
        }
        _ends[state] = stop;
    }

    // Shallow states first, so that the state fallen back to is finished. Edges are stored from parents to children.
    private void LinkFallbacks()
    {
        foreach (var ((parent, next), child) in _edges.OrderBy(edge => _depth[edge.Value]))
        {
            if (parent != 0)
                _fallback[child] = Step(_fallback[parent], next);
            _ends[child] ??= _ends[_fallback[child]];
        }
    }

    private int Step(int state, char next)
    {
        while (true)
        {
            if (_edges.TryGetValue((state, next), out int child))
                return child;
            if (state == 0)
                return 0;
            state = _fallback[state];
        }
    }
}
