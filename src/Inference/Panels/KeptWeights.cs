using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>Finds what a folder keeps of a model's arranged weights, for those who show it.</summary>
public static class KeptWeights
{
    /// <summary>The file that the next start of the model would read; null where there is none.</summary>
    /// <param name="folder">Where arranged weights are kept.</param>
    /// <param name="model">The model as it is now: a file kept for an older state of it does not count.</param>
    public static FileInfo? Find(string folder, GgufFile model)
    {
        string path = KeptFile.Of(folder, model).FilePath;
        return File.Exists(path) ? new FileInfo(path) : null; // False too for what cannot be a path.
    }
}
