using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>One attention call in chunks: the query heads of one key head at some neighbouring positions.</summary>
/// <typeparam name="T">Half or float.</typeparam>
internal readonly unsafe struct AttentionWork<T> : IChunkedWork
    where T : unmanaged
{
    /// <summary>Positions whose keys and values are converted together.</summary>
    private const int Block = 32;

    /// <summary>Query vectors that share a conversion; more would leave too few chunks.</summary>
    private const int Queries = 16;

    private readonly AttentionShape _shape;
    private readonly float* _q; // [count, heads, headDim] f32
    private readonly T* _keys; // [length, kvHeads, headDim]
    private readonly T* _values; // [length, kvHeads, valueDim]
    private readonly int _count;
    private readonly int _length;
    private readonly float* _sinks; // [heads] f32 or null
    private readonly float* _output; // [count, heads, valueDim] f32
    private readonly WorkerPool _pool;
    private readonly int _group; // query heads of a key head
    private readonly int _positions; // of a chunk
    private readonly int _headWidth; // headDim and valueDim rounded up to a vector
    private readonly int _valueWidth;

    public AttentionWork(
        AttentionShape shape, float* q, T* keys, T* values, int count, int length, float* sinks, float* output,
        WorkerPool pool)
    {
        _shape = shape;
        _q = q;
        _keys = keys;
        _values = values;
        _count = count;
        _length = length;
        _sinks = sinks;
        _output = output;
        _pool = pool;
        _group = shape.Heads / shape.KvHeads;
        _positions = Math.Max(1, Queries / _group);
        _headWidth = (shape.HeadDim + 7) / 8 * 8;
        _valueWidth = (shape.ValueDim + 7) / 8 * 8;
    }

    /// <summary>Chunks of the call.</summary>
    public int Chunks => (_count + _positions - 1) / _positions * _shape.KvHeads;

    public void Run(int chunk, int worker)
    {
        int kvHead = chunk % _shape.KvHeads;
        int start = chunk / _shape.KvHeads * _positions;
        int rows = Math.Min(_positions, _count - start) * _group;
        var scratch = new Scratch(this, worker);
        LoadQueries(scratch, kvHead, start, rows);

        // Row 0 is at the earliest position, the last row at the latest.
        int last = _length - _count + start + ((rows - 1) / _group);
        for (int block = First(_length - _count + start) / Block * Block; block <= last; block += Block)
        {
            int filled = Math.Min(Block, last + 1 - block);
            Convert(_keys, scratch.Keys, block, filled, kvHead, _shape.HeadDim, _headWidth);
            Convert(_values, scratch.Values, block, filled, kvHead, _shape.ValueDim, _valueWidth);
            for (int row = 0; row < rows; row++)
            {
                int position = _length - _count + start + (row / _group);
                int from = Math.Max(First(position) - block, 0);
                int to = Math.Min(position + 1 - block, Block);
                if (from < to)
                    AddBlock(scratch, row, from, to);
            }
        }

        StoreRows(scratch, kvHead, start, rows);
    }

    /// <summary>The first position that the one at <paramref name="position"/> sees.</summary>
    private int First(int position) => _shape.Window > 0 ? Math.Max(0, position - _shape.Window + 1) : 0;

    private void LoadQueries(in Scratch scratch, int kvHead, int start, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            int head = (kvHead * _group) + (row % _group);
            float* q = _q + ((((long)start + (row / _group)) * _shape.Heads) + head) * _shape.HeadDim;
            var target = new Span<float>(scratch.Queries + (row * _headWidth), _headWidth);
            new ReadOnlySpan<float>(q, _shape.HeadDim).CopyTo(target);
            target[_shape.HeadDim..].Clear();
            new Span<float>(scratch.Sums + (row * _valueWidth), _valueWidth).Clear();
            scratch.Max[row] = _sinks is null ? float.NegativeInfinity : _sinks[head];
            scratch.Weight[row] = _sinks is null ? 0 : 1;
        }
    }

    /// <summary>Positions of one key head as f32 rows of <paramref name="width"/>, the padding zero.</summary>
    private void Convert(T* source, float* target, int block, int filled, int kvHead, int dim, int width)
    {
        T* padded = stackalloc T[8];
        for (int j = 0; j < filled; j++, target += width)
        {
            T* row = source + ((((long)block + j) * _shape.KvHeads) + kvHead) * dim;
            int i = 0;
            for (; i + 8 <= dim; i += 8)
                Load(row + i).Store(target + i);
            if (i == dim)
                continue;
            new Span<T>(padded, 8).Clear();
            new ReadOnlySpan<T>(row + i, dim - i).CopyTo(new Span<T>(padded, 8));
            Load(padded).Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(T* source) => typeof(T) == typeof(Half)
        ? VectorMath.ToSingle(Vector128.Load((short*)source))
        : Vector256.Load((float*)source);

    /// <summary>One query meets positions <paramref name="from"/> to <paramref name="to"/> of the block.</summary>
    private void AddBlock(in Scratch scratch, int row, int from, int to)
    {
        float* scores = stackalloc float[Block];
        Scores(scratch.Queries + (row * _headWidth), scratch.Keys, scores, from, to);
        float max = scratch.Max[row];
        for (int j = from; j < to; j++)
            max = Math.Max(max, scores[j]);

        // The rescaling factor takes the same path as the weights, in a vector of its own.
        float rescale = VectorMath.Exp(Vector256.Create(scratch.Max[row] - max)).ToScalar();
        for (int j = 0; j < Block; j += 8)
            VectorMath.Exp(Vector256.Load(scores + j) - Vector256.Create(max)).Store(scores + j);
        float weight = scratch.Weight[row] * rescale;
        for (int j = from; j < to; j++)
            weight += scores[j];
        scratch.Max[row] = max;
        scratch.Weight[row] = weight;
        float* sums = scratch.Sums + (row * _valueWidth);
        int i = 0;
        for (; i + 32 <= _valueWidth; i += 32)
            AddValues4(scratch.Values + i, scores, sums + i, from, to, rescale);
        for (; i < _valueWidth; i += 8)
            AddValues(scratch.Values + i, scores, sums + i, from, to, rescale);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Scores(float* query, float* keys, float* scores, int from, int to)
    {
        new Span<float>(scores, Block).Clear();
        for (int j = from; j < to; j++)
        {
            float* key = keys + (j * _headWidth);
            var (a, b) = (Vector256<float>.Zero, Vector256<float>.Zero);
            int i = 0;
            for (; i + 16 <= _headWidth; i += 16)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Load(query + i), Vector256.Load(key + i), a);
                b = Vector256.FusedMultiplyAdd(Vector256.Load(query + i + 8), Vector256.Load(key + i + 8), b);
            }

            if (i < _headWidth)
                a = Vector256.FusedMultiplyAdd(Vector256.Load(query + i), Vector256.Load(key + i), a);
            scores[j] = Vector256.Sum(a + b);
        }

        var scale = Vector256.Create(_shape.Scale);
        for (int j = 0; j < Block; j += 8)
        {
            var score = Vector256.Load(scores + j) * scale;
            if (_shape.SoftCap > 0)
                score = VectorMath.Tanh(score / Vector256.Create(_shape.SoftCap)) * _shape.SoftCap;
            score.Store(scores + j);
        }
    }

    /// <summary>sums = sums · rescale + Σ weight · value, over 32 elements of the values.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddValues4(float* values, float* weights, float* sums, int from, int to, float rescale)
    {
        var s0 = Vector256.Load(sums) * rescale;
        var s1 = Vector256.Load(sums + 8) * rescale;
        var s2 = Vector256.Load(sums + 16) * rescale;
        var s3 = Vector256.Load(sums + 24) * rescale;
        for (int j = from; j < to; j++)
        {
            var weight = Vector256.Create(weights[j]);
            float* value = values + (j * _valueWidth);
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(value), weight, s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Load(value + 8), weight, s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Load(value + 16), weight, s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Load(value + 24), weight, s3);
        }

        s0.Store(sums);
        s1.Store(sums + 8);
        s2.Store(sums + 16);
        s3.Store(sums + 24);
    }

    private void AddValues(float* values, float* weights, float* sums, int from, int to, float rescale)
    {
        var sum = Vector256.Load(sums) * rescale;
        for (int j = from; j < to; j++)
            sum = Vector256.FusedMultiplyAdd(
                Vector256.Load(values + (j * _valueWidth)), Vector256.Create(weights[j]), sum);
        sum.Store(sums);
    }

    private void StoreRows(in Scratch scratch, int kvHead, int start, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            int head = (kvHead * _group) + (row % _group);
            float* output = _output + ((((long)start + (row / _group)) * _shape.Heads) + head) * _shape.ValueDim;
            var result = new Span<float>(output, _shape.ValueDim);
            new ReadOnlySpan<float>(scratch.Sums + (row * _valueWidth), _shape.ValueDim).CopyTo(result);
            Elementwise.Scale(result, 1 / scratch.Weight[row]);
        }
    }

    /// <summary>What one chunk keeps: some kilobytes, whatever the context.</summary>
    private readonly struct Scratch
    {
        public Scratch(in AttentionWork<T> work, int worker)
        {
            int rows = work._positions * work._group;
            long floats = ((long)(Block + rows) * (work._headWidth + work._valueWidth)) + (2 * rows);
            Keys = (float*)work._pool.Scratch(worker, floats * sizeof(float));
            Values = Keys + (Block * work._headWidth);
            Queries = Values + (Block * work._valueWidth);
            Sums = Queries + (rows * work._headWidth);
            Max = Sums + (rows * work._valueWidth);
            Weight = Max + rows;
        }

        public float* Keys { get; } // [Block, headWidth] f32

        public float* Values { get; } // [Block, valueWidth] f32

        public float* Queries { get; } // [rows, headWidth] f32

        public float* Sums { get; } // [rows, valueWidth] f32, weighted by e^(score − max)

        public float* Max { get; } // [rows] f32, the largest score so far

        public float* Weight { get; } // [rows] f32, Σ e^(score − max)
    }
}
