using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>Where a folder keeps a model's arranged weights, if it does, and how they are known to be this model's.</summary>
/// <param name="Folder">Where arranged weights are kept.</param>
/// <param name="Name">Of the file in it.</param>
/// <param name="Shared">What the names of other states of the model begin with too.</param>
/// <param name="Key">[<see cref="PanelFile.KeyBytes"/>] of the model as it is now.</param>
internal sealed record KeptFile(string Folder, string Name, string Shared, byte[] Key)
{
    /// <summary>The file.</summary>
    public string FilePath => Path.Combine(Folder, Name);

    /// <summary>Reads of the model what tells it from others.</summary>
    public static KeptFile Of(string folder, GgufFile model)
    {
        byte[] key = SourceKey.Of(model);
        var (name, shared) = SourceKey.FileName(model, key);
        return new KeptFile(folder, name, shared, key);
    }
}
