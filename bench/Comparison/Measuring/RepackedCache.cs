namespace Causerie.Bench.Comparison.Measuring;

/// <summary>The folder where Causerie keeps weights in the order that its kernels read, for the next start.</summary>
internal sealed class RepackedCache
{
    /// <summary>The variable that names the folder to the engine.</summary>
    public const string Variable = "CAUSERIE_CACHE";

    /// <summary>A folder, made where it is absent.</summary>
    public RepackedCache(string folder)
    {
        Folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>Bytes in it.</summary>
    public long Length => Files.Sum(file => new FileInfo(file).Length);

    private IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories);

    /// <summary>Deletes what is in it, so that the next start is a first one.</summary>
    public void Empty()
    {
        foreach (string file in Files.ToArray())
            File.Delete(file);
    }

    /// <summary>Lets its files go from memory; returns the largest part of one that stayed.</summary>
    public double Drop() => Files.Select(PageCache.Drop).DefaultIfEmpty(0).Max();
}
