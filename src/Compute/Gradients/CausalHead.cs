using System.Runtime.Intrinsics;
using Causerie.Compute.Kernels;
using Causerie.Compute.Lanes;

namespace Causerie.Compute.Gradients;

/// <summary>Attention of one document to one head of keys, 32 rows of queries at a time.</summary>
internal readonly unsafe struct CausalHead
{
    private const int BlockRows = GemmTile.Columns;

    private readonly int _length;
    private readonly int _headDim;
    private readonly int _shared; // heads of queries that meet this head
    private readonly int _wide; // elements of a token's queries
    private readonly int _narrow; // elements of a token's keys
    private readonly float* _q;
    private readonly float* _k;
    private readonly float* _v;
    private readonly float* _output; // or its gradient
    private readonly float* _dq;
    private readonly float* _dk;
    private readonly float* _dv;
    private readonly VectorWidth _width;
    private readonly float* _tile; // for products
    private readonly float* _weights; // [32, padded length]
    private readonly float* _slopes; // [32, padded length], on the way back
    private readonly float* _packed;
    private readonly int _stride; // length, padded to whole vectors
    private readonly float _scale;

    public CausalHead(
        CausalAttention shape, CausalAttention.HeadPointers pointers, int first, int length, int keyHead,
        float* scratch, VectorWidth width)
    {
        _length = length;
        _headDim = shape.HeadDim;
        _shared = shape.Heads / shape.KeyHeads;
        _wide = shape.Heads * shape.HeadDim;
        _narrow = shape.KeyHeads * shape.HeadDim;
        nint wide = ((nint)first * _wide) + (keyHead * _shared * _headDim);
        nint narrow = ((nint)first * _narrow) + (keyHead * _headDim);
        _q = (float*)pointers.Q + wide;
        _k = (float*)pointers.K + narrow;
        _v = (float*)pointers.V + narrow;
        _output = (float*)pointers.Output + wide;
        _dq = (float*)pointers.Dq + wide;
        _dk = (float*)pointers.Dk + narrow;
        _dv = (float*)pointers.Dv + narrow;
        _width = width;
        _stride = Stride(length);
        _tile = scratch;
        _weights = _tile + (GemmTile.ScratchBytes / sizeof(float));
        _slopes = _weights + (BlockRows * (nint)_stride);
        _packed = _slopes + (BlockRows * (nint)_stride);
        _scale = 1 / MathF.Sqrt(_headDim);
    }

    /// <summary>Bytes of scratch for a document of <paramref name="length"/> tokens.</summary>
    public static long ScratchBytes(int length, int headDim) =>
        GemmTile.ScratchBytes + (2L * BlockRows * Stride(length) * sizeof(float))
        + (2 * GemmPacked.Bytes(headDim, length)) + GemmPacked.Bytes(length, headDim)
        + (2 * GemmPacked.Bytes(BlockRows, headDim));

    /// <summary>output = softmax(q · kᵀ · scale) · v.</summary>
    public void Forward()
    {
        float* free = _packed;
        var keys = Pack(new GemmOperand(_k, 1, _narrow), _headDim, _length, ref free); // [headDim, length]
        var values = Pack(new GemmOperand(_v, _narrow, 1), _length, _headDim, ref free); // [length, headDim]
        for (int head = 0; head < _shared; head++)
        {
            for (int row = 0; row < _length; row += BlockRows)
            {
                int rows = Math.Min(BlockRows, _length - row), seen = row + rows;
                Weights(keys, head, row, rows);
                float* output = _output + ((nint)row * _wide) + (head * _headDim);
                values.Multiply(
                    new GemmOperand(_weights, _stride, 1), output, _wide, rows, _headDim, seen, add: false, _width, _tile);
            }
        }
    }

    /// <summary>The gradients of q, k and v; those of keys and values are added up over heads and blocks in order.</summary>
    public void Backward()
    {
        float* free = _packed;
        var keys = Pack(new GemmOperand(_k, 1, _narrow), _headDim, _length, ref free); // kᵀ
        var values = Pack(new GemmOperand(_v, 1, _narrow), _headDim, _length, ref free); // vᵀ
        var keyRows = Pack(new GemmOperand(_k, _narrow, 1), _length, _headDim, ref free);
        for (int head = 0; head < _shared; head++)
        {
            for (int row = 0; row < _length; row += BlockRows)
            {
                int rows = Math.Min(BlockRows, _length - row), seen = row + rows;
                nint place = ((nint)row * _wide) + (head * _headDim);
                var queries = new GemmOperand(_q + place, _wide, 1);
                var gradient = new GemmOperand(_output + place, _wide, 1);
                Weights(keys, head, row, rows);
                values.Multiply(gradient, _slopes, _stride, rows, seen, _headDim, add: false, _width, _tile);

                // dv += weightsᵀ · do, before the weights' place takes the scores' gradient.
                float* block = free;
                Pack(gradient, rows, _headDim, ref block).Multiply(
                    new GemmOperand(_weights, 1, _stride), _dv, _narrow, seen, _headDim, rows, add: true, _width, _tile);
                for (int r = 0; r < rows; r++)
                    Slope(_weights + ((nint)r * _stride), _slopes + ((nint)r * _stride), seen);
                keyRows.Multiply(
                    new GemmOperand(_slopes, _stride, 1), _dq + place, _wide, rows, _headDim, seen, add: false, _width,
                    _tile);
                block = free;
                Pack(queries, rows, _headDim, ref block).Multiply(
                    new GemmOperand(_slopes, 1, _stride), _dk, _narrow, seen, _headDim, rows, add: true, _width, _tile);
            }
        }
    }

    private static int Stride(int length) => (length + 15) / 16 * 16;

    private static GemmPacked Pack(GemmOperand b, int depth, int columns, ref float* free)
    {
        var packed = GemmPacked.Of(b, depth, columns, free);
        free += GemmPacked.Bytes(depth, columns) / sizeof(float);
        return packed;
    }

    /// <summary>Weights of a block of rows: zero for positions that a row does not see.</summary>
    private void Weights(GemmPacked keys, int head, int row, int rows)
    {
        var queries = new GemmOperand(_q + ((nint)row * _wide) + (head * _headDim), _wide, 1);
        keys.Multiply(queries, _weights, _stride, rows, row + rows, _headDim, add: false, _width, _tile);
        for (int r = 0; r < rows; r++)
            Softmax(_weights + ((nint)r * _stride), row + r + 1, row + rows);
    }

    /// <summary>The first <paramref name="count"/> scores become weights, the rest zero.</summary>
    private void Softmax(float* scores, int count, int all)
    {
        int last = (all + 7) / 8 * 8;
        for (int i = count; i < last; i++)
            scores[i] = float.NegativeInfinity; // e^−∞ is exactly 0
        var largest = Vector256.Create(float.NegativeInfinity);
        for (int i = 0; i < last; i += 8)
            largest = Vector256.MaxNative(largest, Vector256.Load(scores + i));
        float max = largest[0];
        for (int lane = 1; lane < 8; lane++)
            max = Math.Max(max, largest[lane]);
        var shift = Vector256.Create(-max * _scale);
        var sums = Vector256<float>.Zero;
        for (int i = 0; i < last; i += 8)
        {
            var weight = VectorMath.Exp(
                Vector256.FusedMultiplyAdd(Vector256.Load(scores + i), Vector256.Create(_scale), shift));
            weight.Store(scores + i);
            sums += weight;
        }
        double sum = 0;
        for (int lane = 0; lane < 8; lane++)
            sum += sums[lane];
        var factor = Vector256.Create((float)(1 / sum));
        for (int i = 0; i < last; i += 8)
            (Vector256.Load(scores + i) * factor).Store(scores + i);
    }

    /// <summary>The gradient of weights becomes that of scores: w · (dw − Σ w · dw) · scale.</summary>
    private void Slope(float* weights, float* slopes, int count)
    {
        int last = (count + 7) / 8 * 8;
        for (int i = count; i < last; i++)
            slopes[i] = 0;
        var sums = Vector256<float>.Zero;
        for (int i = 0; i < last; i += 8)
            sums = Vector256.FusedMultiplyAdd(Vector256.Load(weights + i), Vector256.Load(slopes + i), sums);
        double sum = 0;
        for (int lane = 0; lane < 8; lane++)
            sum += sums[lane];
        var mean = Vector256.Create((float)sum);
        for (int i = 0; i < last; i += 8)
            (Vector256.Load(weights + i) * (Vector256.Load(slopes + i) - mean) * _scale).Store(slopes + i);
    }
}
