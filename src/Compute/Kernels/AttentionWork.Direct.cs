namespace Causerie.Compute.Kernels;

// One position at a time, as in generation: see AttentionDirect.
internal readonly unsafe partial struct AttentionWork<TFormat, TLanes, TVector>
{
    private void ScoreDirect(in Scratch scratch, int block, int from, int to, int kvHead)
    {
        int dim = _shape.HeadDim, w = TLanes.Width;
        nint ahead = Ahead(block);
        for (int row = 0; row < _shape.Group;)
        {
            bool single = _shape.Group - row == 1;
            for (int column = from; column < to; column += 2 * w)
            {
                // The last vector alone is computed twice.
                int second = column + w < to ? column + w : column;
                for (int start = 0; start < dim; start += Math.Min(TFormat.Shared, dim - start))
                {
                    Keys(block, column, start, kvHead, out byte* keys0, out byte* scale0);
                    Keys(block, second, start, kvHead, out byte* keys1, out byte* scale1);
                    float* q = scratch.Queries + (row * dim) + start;
                    float* c = scratch.Scores + (row * Block);
                    int n = Math.Min(TFormat.Shared, dim - start);
                    if (single)
                        AttentionDirect<TFormat, TLanes, TVector>.Keys1(
                            q, keys0, keys1, scale0, scale1, c + column, c + second, n, start == 0, ahead);
                    else
                        AttentionDirect<TFormat, TLanes, TVector>.Keys4(
                            q, dim, keys0, keys1, scale0, scale1, c + column, c + second, Block, n, start == 0, ahead);
                }
            }

            row += single ? 1 : AttentionTile<TLanes, TVector>.Rows;
        }
    }

    private void Keys(int block, int column, int element, int kvHead, out byte* keys, out byte* scales)
    {
        byte* tile = KeyTile(block, column / KvTile.Positions, kvHead);
        int slot = column % KvTile.Positions;
        long at = ((long)element * KvTile.Positions) + slot;
        keys = tile + TFormat.ScaleBytes(_shape.HeadDim) + (at * TFormat.ElementBytes);
        scales = tile + ((((long)element / TFormat.Shared * KvTile.Positions) + slot) * sizeof(Half));
    }

    private void AddDirect(in Scratch scratch, in AttentionRows rows, int block, int task)
    {
        var (from, to) = Seen(First(task), block);
        int dim = _shape.ValueDim, w = TLanes.Width, n = to - from;
        int scales = (int)(TFormat.ScaleBytes(dim) / (KvTile.Positions * sizeof(Half)));
        LoadScales(scratch.Values, block, from, to, KvHead(task));
        long next = _shape.KvHeads * _valueBytes; // the head's next tile
        byte* tile = ValueTile(block, from / KvTile.Positions, KvHead(task));
        nint slot = from % KvTile.Positions, step = (nint)dim * TFormat.ElementBytes;
        byte* first = tile + TFormat.ScaleBytes(dim) + (slot * step);
        nint jump = (nint)next - ((KvTile.Positions - 1) * step), ahead = Ahead(block);
        for (int row = 0; row < _shape.Group;)
        {
            bool single = _shape.Group - row == 1;
            float* a = scratch.Scores + (row * Block) + from;
            float* c = rows.Sums + (row * _valueWidth);
            for (int i = 0; i < dim;)
            {
                bool four = i + (4 * w) <= dim;
                float* scale = scratch.Values + (from * scales);
                var walk = new ValueWalk(
                    first + ((nint)i * TFormat.ElementBytes), slot, step, jump, ahead,
                    scale + (i / TFormat.Shared), scale + ((i + (2 * w)) / TFormat.Shared), scales);
                if (single && four)
                    AttentionDirect<TFormat, TLanes, TVector>.Values1x4(a, walk, c + i, n);
                else if (single)
                    AttentionDirect<TFormat, TLanes, TVector>.Values1x1(a, walk, c + i, n);
                else if (four)
                    AttentionDirect<TFormat, TLanes, TVector>.Values4x4(a, Block, walk, c + i, _valueWidth, n);
                else
                    AttentionDirect<TFormat, TLanes, TVector>.Values4x1(a, Block, walk, c + i, _valueWidth, n);
                i += four ? 4 * w : w;
            }

            row += single ? 1 : AttentionTile<TLanes, TVector>.Rows;
        }
    }

    /// <summary>The scales of a block's values, [positions, scales] f32.</summary>
    private void LoadScales(float* target, int block, int from, int to, int kvHead)
    {
        int count = (int)(TFormat.ScaleBytes(_shape.ValueDim) / sizeof(Half)); // of a tile
        for (int i = from & -KvTile.Positions; i < to && count > 0; i += KvTile.Positions)
        {
            var scales = (short*)ValueTile(block, i / KvTile.Positions, kvHead);
            float* floats = target + ((nint)i / KvTile.Positions * count);
            for (int j = 0; j < count; j += TLanes.Width)
                TLanes.Store(floats + j, TLanes.LoadHalves(scales + j));
        }
    }
}
