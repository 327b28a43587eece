namespace Causerie.Inference.Panels;

/// <summary>Which weights are arranged, and which arranged weights are kept.</summary>
internal sealed record PanelLimits
{
    /// <summary>What the process may use: weights beyond it stay mapped, where the system reads them as they are met.</summary>
    public long MemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Weights below this are arranged faster than it is worth keeping them.</summary>
    public long LeastBytes { get; init; } = 64 << 20;

    /// <summary>What must stay free on the disk.</summary>
    public long SpareBytes { get; init; } = 2L << 30;

    /// <summary>Bytes that are free where a folder is.</summary>
    public Func<string, long> FreeBytes { get; init; } =
        folder => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
}
