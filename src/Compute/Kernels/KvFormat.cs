namespace Causerie.Compute.Kernels;

/// <summary>What all formats of keys and values share.</summary>
internal static class KvTile
{
    /// <summary>Positions of a tile.</summary>
    public const int Positions = 16;
}

/// <summary>How keys and values lie in memory: as rows of one head that are written and tiles that are read.</summary>
/// <remarks>
/// A tile is <see cref="KvTile.Positions"/> positions of one head. Keys lie in it position by position within each
/// element, so that a vector holds one element of sixteen keys; values lie row by row.
/// </remarks>
internal unsafe interface IKvFormat
{
    /// <summary>Bytes of a tile of keys or values of <paramref name="dim"/> elements.</summary>
    static abstract long TileBytes(int dim);

    /// <summary>Keeps one key as position <paramref name="slot"/> of its tile.</summary>
    /// <param name="key">[dim] f32.</param>
    /// <param name="dim">Elements.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="slot">0 to 16.</param>
    /// <param name="scratch">[dim] f32, free for use.</param>
    /// <returns>Whether a reader may take everything for finite.</returns>
    static abstract bool StoreKey(float* key, int dim, byte* tile, int slot, float* scratch);

    /// <summary>Keeps one value as position <paramref name="slot"/> of its tile.</summary>
    /// <param name="value">[dim] f32.</param>
    /// <param name="dim">Elements.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="slot">0 to 16.</param>
    /// <returns>Whether a reader may take everything for finite.</returns>
    static abstract bool StoreValue(float* value, int dim, byte* tile, int slot);

    /// <summary>A tile of keys as f32.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="dim">Elements.</param>
    /// <param name="target">[dim, stride] f32, of which 16 columns are written.</param>
    /// <param name="stride">Between rows.</param>
    /// <param name="ahead">Bytes to the tile that is needed soon.</param>
    static abstract void LoadKeys<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged;

    /// <summary>A tile of values as f32.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="dim">Elements.</param>
    /// <param name="target">[16, stride] f32, of which dim columns are written, and what is beyond them up to stride.</param>
    /// <param name="stride">Between rows: dim rounded up to 16.</param>
    /// <param name="ahead">Bytes to the tile that is needed soon.</param>
    static abstract void LoadValues<TLanes, TVector>(byte* tile, int dim, float* target, nint stride, nint ahead)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged;

    /// <summary>Bytes of an element.</summary>
    static abstract int ElementBytes { get; }

    /// <summary>Elements of a head that share a scale; all of them where there are no scales.</summary>
    static abstract int Shared { get; }

    /// <summary>Bytes of scales at the beginning of a tile.</summary>
    static abstract long ScaleBytes(int dim);

    /// <summary>The scales of a vector of positions, where a format has any.</summary>
    static abstract TVector Scales<TLanes, TVector>(byte* scales)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged;

    /// <summary>The scale of one position, where a format has any.</summary>
    static abstract TVector Scale<TLanes, TVector>(float* scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged;

    /// <summary>A vector of elements, times their scales: what the tile as f32 holds.</summary>
    static abstract TVector Load<TLanes, TVector>(byte* source, TVector scale)
        where TLanes : IAttentionLanes<TVector>
        where TVector : unmanaged;
}
