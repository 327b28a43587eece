namespace Causerie.Compute.Kernels;

/// <summary>How far a rotation turns at each position of a batch, worked out once for all heads and layers.</summary>
/// <param name="rope">The rotation.</param>
public sealed class RopeTurns(Rope rope)
{
    private readonly int _pairs = rope.Dimensions / 2;
    private readonly int _stride = (rope.Dimensions / 2 + 7) / 8 * 8;
    private float[] _cos = []; // [count, stride] f32
    private float[] _sin = []; // [count, stride] f32

    /// <summary>The rotation.</summary>
    public Rope Rope { get; } = rope;

    /// <summary>Positions.</summary>
    public int Count { get; private set; }

    /// <summary>Takes other positions.</summary>
    /// <param name="positions">[count].</param>
    public void Take(ReadOnlySpan<int> positions)
    {
        if (_cos.Length < positions.Length * _stride)
        {
            _cos = new float[positions.Length * _stride];
            _sin = new float[_cos.Length];
        }
        for (int t = 0; t < positions.Length; t++)
            Rope.Angles(positions[t], _cos.AsSpan(t * _stride, _stride), _sin.AsSpan(t * _stride, _stride));
        Count = positions.Length;
    }

    /// <summary>Forgets all but some of the positions.</summary>
    /// <param name="rows">Their places among the present ones, ascending.</param>
    public void Keep(ReadOnlySpan<int> rows)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            _cos.AsSpan(rows[i] * _stride, _stride).CopyTo(_cos.AsSpan(i * _stride));
            _sin.AsSpan(rows[i] * _stride, _stride).CopyTo(_sin.AsSpan(i * _stride));
        }
        Count = rows.Length;
    }

    /// <summary>cos and sin of every pair, the magnitude in them.</summary>
    internal void At(int row, out ReadOnlySpan<float> cos, out ReadOnlySpan<float> sin)
    {
        cos = _cos.AsSpan(row * _stride, _pairs);
        sin = _sin.AsSpan(row * _stride, _pairs);
    }
}
