namespace Causerie.Inference.Gguf;

/// <summary>A model file that cannot be read as it stands: names the file, the field and the place.</summary>
public sealed class GgufException : Exception
{
    /// <summary>An error in <paramref name="field"/> of <paramref name="path"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="field">Metadata key, tensor name or part of the header.</param>
    /// <param name="offset">Byte of the file where the field lies; null where the fault is not at one place.</param>
    /// <param name="problem">What is wrong and what to do, as a sentence.</param>
    public GgufException(string path, string field, long? offset, string problem)
        : base(offset is { } at ? $"{path}: {field} (byte {at}): {problem}" : $"{path}: {field}: {problem}")
    {
        Path = path;
        Field = field;
        Offset = offset;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Metadata key, tensor name or part of the header.</summary>
    public string Field { get; }

    /// <summary>Byte of the file where the field lies, where there is one place.</summary>
    public long? Offset { get; }
}
