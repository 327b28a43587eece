namespace Causerie.Inference.Panels;

/// <summary>Which arranged weights are kept.</summary>
internal sealed record PanelLimits
{
    /// <summary>Weights below this are arranged faster than it is worth keeping them.</summary>
    public long LeastBytes { get; init; } = 64 << 20;

    /// <summary>What must stay free on the disk.</summary>
    public long SpareBytes { get; init; } = 2L << 30;

    /// <summary>Bytes that are free where a folder is.</summary>
    public Func<string, long> FreeBytes { get; init; } =
        folder => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
}
