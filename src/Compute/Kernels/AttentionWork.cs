using Causerie.Compute.Threading;

namespace Causerie.Compute.Kernels;

/// <summary>One attention call in chunks: the query heads of one key head at some neighbouring positions.</summary>
/// <remarks>
/// A row starts afresh at every span of positions and the spans are added up in order, always: whether one thread does
/// so or several have a span each, the bits are the same.
/// </remarks>
internal readonly unsafe partial struct AttentionWork<TFormat, TLanes, TVector> : IChunkedWork
    where TFormat : struct, IKvFormat
    where TLanes : IAttentionLanes<TVector>
    where TVector : unmanaged
{
    /// <summary>Positions whose keys and values are converted together: a page, which divides <see cref="Span"/>.</summary>
    private const int Block = KvPages.Positions;

    /// <summary>Positions after which a softmax starts afresh.</summary>
    private const int Span = 1024;

    /// <summary>Query vectors that share a conversion: they fill the second-level cache, not the first.</summary>
    private const int Queries = 128;

    /// <summary>Query vectors up to which converting anew for every four is cheaper than keeping the result.</summary>
    private const int DirectQueries = 8;

    private readonly AttentionCall _call;
    private readonly AttentionShape _shape;
    private readonly byte* _layer; // of the first page
    private readonly long _pageBytes;
    private readonly long _valuesAt; // in a layer
    private readonly long _keyBytes; // of a tile
    private readonly long _valueBytes;
    private readonly WorkerPool _pool;
    private readonly float* _parts; // [tasks, spans] rows, or null
    private readonly int _positions; // of a task
    private readonly int _rows; // of a task that is full
    private readonly int _valueWidth; // valueDim rounded up to 16
    private readonly int _firstSpan;
    private readonly int _spans;
    private readonly bool _direct; // one position, whose queries meet the tiles themselves

    public AttentionWork(KvPages kv, in AttentionCall call, WorkerPool pool, float* parts)
    {
        _call = call;
        _shape = call.Shape;
        _layer = kv.LayerStart(call.Layer);
        _pageBytes = kv.PageBytes;
        _valuesAt = kv.ValuesAt;
        _keyBytes = kv.KeyBytes;
        _valueBytes = kv.ValueBytes;
        _pool = pool;
        _parts = parts;
        _positions = Math.Min(call.Count, Math.Max(1, Queries / _shape.Group));
        _valueWidth = AttentionRows.RoundUp(_shape.ValueDim);
        _direct = _positions == 1 && _shape.Group <= DirectQueries && _valueWidth == _shape.ValueDim;
        _rows = _direct ? (_shape.Group + 3) & -4 : _positions * _shape.Group;
        _firstSpan = _shape.First(call.Length - call.Count) / Span;
        _spans = ((call.Length - 1) / Span) - _firstSpan + 1;
    }

    /// <summary>Sets of rows that end together.</summary>
    public int Tasks => (_call.Count + _positions - 1) / _positions * _shape.KvHeads;

    /// <summary>Chunks of the call.</summary>
    public int Chunks => Tasks * (_parts is null ? 1 : _spans);

    /// <summary>f32 for what all spans of all tasks gather.</summary>
    public long PartFloats => Tasks * _spans * AttentionRows.Floats(_rows, _valueWidth);

    /// <summary>Whether tasks alone would leave threads idle.</summary>
    public bool WantsParts(int threads) => _spans > 1 && threads > 1 && Tasks < 2 * threads;

    public void Run(int chunk, int worker)
    {
        int task = _parts is null ? chunk : chunk / _spans;
        var scratch = new Scratch(this, worker);
        LoadQueries(scratch.Queries, task);
        if (_parts is not null)
        {
            Gather(scratch, Part(chunk), task, _firstSpan + (chunk % _spans));
            return;
        }

        Begin(scratch.Total, task);
        int last = (End(Last(task)) - 1) / Span;
        for (int span = _shape.First(First(task)) / Span; span <= last; span++)
        {
            Gather(scratch, scratch.Rows, task, span);
            scratch.Total.Add<TLanes, TVector>(scratch.Rows);
        }

        Finish(scratch.Total, task);
    }

    /// <summary>Ends the rows of a task whose spans were gathered apart.</summary>
    public void Merge(int task, int worker)
    {
        var total = new Scratch(this, worker).Total;
        Begin(total, task);
        for (int span = 0; span < _spans; span++)
            total.Add<TLanes, TVector>(Part((task * _spans) + span));
        Finish(total, task);
    }

    private AttentionRows Part(int chunk) =>
        new(_parts + (chunk * AttentionRows.Floats(_rows, _valueWidth)), _rows, _valueWidth);

    /// <summary>A tile of keys of one head.</summary>
    /// <param name="block">First position of a block.</param>
    /// <param name="tile">In the block.</param>
    /// <param name="kvHead">Head.</param>
    private byte* KeyTile(int block, int tile, int kvHead) =>
        Page(block) + ((((long)tile * _shape.KvHeads) + kvHead) * _keyBytes);

    /// <summary>A tile of values of one head.</summary>
    private byte* ValueTile(int block, int tile, int kvHead) =>
        Page(block) + _valuesAt + ((((long)tile * _shape.KvHeads) + kvHead) * _valueBytes);

    private byte* Page(int block) => _layer + (_call.Table[block / Block] * _pageBytes);

    /// <summary>Bytes from a tile to the same one of the next block, which is needed soon; 0 in the last block.</summary>
    private nint Ahead(int block) => block + Block < _call.Length ? (nint)(Page(block + Block) - Page(block)) : 0;

    private int KvHead(int task) => task % _shape.KvHeads;

    /// <summary>Row of the call; the longest tasks come first, so that threads end together.</summary>
    private int Start(int task) => ((_call.Count + _positions - 1) / _positions - 1 - (task / _shape.KvHeads)) * _positions;

    private int Positions(int task) => Math.Min(_positions, _call.Count - Start(task));

    private int First(int task) => _call.Length - _call.Count + Start(task);

    private int Last(int task) => First(task) + Positions(task) - 1;

    /// <summary>The first position that the one at <paramref name="position"/> does not see any more.</summary>
    private int End(int position) => _shape.Bidirectional ? _call.Length : position + 1;

    private void LoadQueries(float* queries, int task)
    {
        int dim = _shape.HeadDim, group = _shape.Group;
        for (int p = 0; p < Positions(task); p++)
        {
            float* q = _call.Q + (((((long)Start(task) + p) * _shape.Heads) + (KvHead(task) * group)) * dim);
            for (int i = 0; i < group * dim; i++)
                *queries++ = q[i] * _shape.Scale;
        }

        // Rows that fill up a set of four.
        if (_direct)
            new Span<float>(queries, (_rows - group) * dim).Clear();
    }

    private void Begin(in AttentionRows total, int task)
    {
        total.Clear();
        if (_call.Sinks is null)
            return;
        for (int row = 0; row < _rows; row++)
            total.Sink(row, _call.Sinks[(KvHead(task) * _shape.Group) + (row % _shape.Group)]);
    }

    private void Finish(in AttentionRows total, int task)
    {
        int group = _shape.Group;
        for (int p = 0, row = 0; p < Positions(task); p++)
        {
            long head = (((long)Start(task) + p) * _shape.Heads) + (KvHead(task) * group);
            for (int g = 0; g < group; g++)
                total.Finish(row++, _call.Output + ((head + g) * _shape.ValueDim), _shape.ValueDim);
        }
    }

    /// <summary>The task's rows meet the positions of one span.</summary>
    private void Gather(in Scratch scratch, in AttentionRows rows, int task, int span)
    {
        rows.Clear();
        int seen = Math.Max(_shape.First(First(task)), span * Span); // the first position that any row sees
        int end = Math.Min(End(Last(task)), (span + 1) * Span);
        for (int block = seen & -Block; block < end; block += Block)
        {
            int from = Math.Max(seen - block, 0) & -KvTile.Positions;
            int to = AttentionRows.RoundUp(Math.Min(end - block, Block));
            if (_direct)
            {
                ScoreDirect(scratch, block, from, to, KvHead(task));
                for (int row = 0; row < _shape.Group; row++)
                    Weigh(scratch, rows, row, Seen(First(task), block));
                AddDirect(scratch, rows, block, task);
            }
            else
            {
                Convert(scratch, block, from, to, KvHead(task));
                Score(scratch, rows, block, from, to, task);
                AddValues(scratch, rows, block, task);
            }
        }
    }

    /// <summary>Whether every row sees all of the block.</summary>
    private bool IsFull(int block, int task) =>
        _shape.First(Last(task)) <= block && End(First(task)) >= block + Block;

    private void Weigh(in Scratch scratch, in AttentionRows rows, int row, (int From, int To) seen)
    {
        if (seen.From >= seen.To)
            return;
        float* scores = scratch.Scores + (row * Block);
        if (_shape.SoftCap > 0)
            AttentionSoftmax<TLanes, TVector>.Cap(scores, Block, _shape.SoftCap);
        AttentionSoftmax<TLanes, TVector>.Run(
            scores, seen.From, seen.To, rows.Max + row, rows.Weights + (row * AttentionRows.Lanes),
            rows.Sums + (row * _valueWidth), _valueWidth);
    }

    /// <summary>The part of a block that a position sees.</summary>
    private (int From, int To) Seen(int position, int block) =>
        (Math.Max(_shape.First(position) - block, 0), Math.Min(End(position) - block, Block));

    /// <summary>What one chunk keeps: some kilobytes, whatever the context.</summary>
    private readonly struct Scratch
    {
        public Scratch(in AttentionWork<TFormat, TLanes, TVector> work, int worker)
        {
            int rows = work._rows;
            long queries = AttentionRows.RoundUp(rows * work._shape.HeadDim);
            long state = AttentionRows.Floats(rows, work._valueWidth);
            long floats = (Block * ((long)work._shape.HeadDim + work._valueWidth + rows)) + queries + (2 * state);
            Keys = (float*)work._pool.Scratch(worker, floats * sizeof(float));
            Values = Keys + (Block * work._shape.HeadDim);
            Scores = Values + (Block * work._valueWidth);
            Queries = Scores + (Block * rows);
            Rows = new AttentionRows(Queries + queries, rows, work._valueWidth);
            Total = new AttentionRows(Queries + queries + state, rows, work._valueWidth);
        }

        public float* Keys { get; } // [headDim, Block] f32

        public float* Values { get; } // [Block, valueWidth] f32

        public float* Scores { get; } // [rows, Block] f32, then weights

        public float* Queries { get; } // [rows, headDim] f32, scaled

        public AttentionRows Rows { get; } // of the span

        public AttentionRows Total { get; }
    }
}
