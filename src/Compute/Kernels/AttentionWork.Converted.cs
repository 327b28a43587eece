namespace Causerie.Compute.Kernels;

// Many queries together, as in prompts: a block is converted to f32 once and all of them meet it there.
internal readonly unsafe partial struct AttentionWork<TFormat, TLanes, TVector>
{
    private void Convert(in Scratch scratch, int block, int from, int to, int kvHead)
    {
        nint ahead = Ahead(block);
        for (int i = from; i < to; i += KvTile.Positions)
        {
            TFormat.LoadKeys<TLanes, TVector>(
                KeyTile(block, i / KvTile.Positions, kvHead), _shape.HeadDim, scratch.Keys + i, Block, ahead);
            TFormat.LoadValues<TLanes, TVector>(
                ValueTile(block, i / KvTile.Positions, kvHead), _shape.ValueDim, scratch.Values + (i * _valueWidth),
                _valueWidth, ahead);
        }
    }

    private void Score(in Scratch scratch, in AttentionRows rows, int block, int from, int to, int task)
    {
        int count = Positions(task) * _shape.Group;
        bool full = IsFull(block, task);
        for (int row = 0; row < count;)
        {
            int step = count - row >= AttentionTile<TLanes, TVector>.Rows ? AttentionTile<TLanes, TVector>.Rows : 1;
            AttentionTile<TLanes, TVector>.Add(
                scratch.Queries + (row * _shape.HeadDim), _shape.HeadDim, scratch.Keys + from, Block,
                scratch.Scores + (row * Block) + from, Block, step, to - from, _shape.HeadDim, fresh: true);
            for (int end = row + step; row < end; row++)
                Weigh(scratch, rows, row, full ? (0, Block) : Seen(First(task) + (row / _shape.Group), block));
        }
    }

    private void AddValues(in Scratch scratch, in AttentionRows rows, int block, int task)
    {
        const int Together = AttentionTile<TLanes, TVector>.Rows;
        int count = Positions(task) * _shape.Group;
        bool full = IsFull(block, task);
        for (int row = 0; row < count;)
        {
            int step = count - row >= Together ? Together : 1;
            if (full)
            {
                AddValues(scratch, rows, row, step, 0, Block);
                row += step;
                continue;
            }

            int early = First(task) + (row / _shape.Group), late = First(task) + ((row + step - 1) / _shape.Group);

            // What all the rows see they meet together; before and after it come what single rows see.
            int from = Seen(late, block).From, to = Seen(early, block).To;
            if (from >= to)
                from = to = 0;
            for (int r = row; r < row + step && step > 1; r++)
            {
                var seen = Seen(First(task) + (r / _shape.Group), block);
                AddValues(scratch, rows, r, 1, seen.From, from < to ? from : seen.To);
            }

            AddValues(scratch, rows, row, step, from, to);
            for (int r = row; r < row + step && step > 1 && from < to; r++)
                AddValues(scratch, rows, r, 1, to, Seen(First(task) + (r / _shape.Group), block).To);
            row += step;
        }
    }

    private void AddValues(in Scratch scratch, in AttentionRows rows, int row, int count, int from, int to)
    {
        if (from < to)
            AttentionTile<TLanes, TVector>.Add(
                scratch.Scores + (row * Block) + from, Block, scratch.Values + (from * _valueWidth), _valueWidth,
                rows.Sums + (row * _valueWidth), _valueWidth, count, _valueWidth, to - from, fresh: false);
    }
}
