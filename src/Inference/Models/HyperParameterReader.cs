using Causerie.Inference.Gguf;

namespace Causerie.Inference.Models;

/// <summary>Reads an architecture's metadata, checks every value's range, and refuses what nobody asked for.</summary>
/// <param name="file">The open model.</param>
/// <param name="architecture">Prefix of the architecture's keys.</param>
internal sealed class HyperParameterReader(GgufFile file, string architecture)
{
    private readonly HashSet<string> _read = [];

    public GgufFile File { get; } = file;

    private GgufMetadata Metadata => File.Metadata;

    /// <summary>An integer that the file must have.</summary>
    /// <exception cref="GgufException">It is missing, of another type or out of its range.</exception>
    public int Integer(string name, int min, int max) =>
        OptionalInteger(name, min, max) ?? Metadata.Require<int>(Key(name));

    /// <summary>An integer, or null where the file has none.</summary>
    /// <exception cref="GgufException">It is of another type or out of its range.</exception>
    public int? OptionalInteger(string name, int min, int max)
    {
        if (!Metadata.TryGet(Key(name), out long value))
            return null;
        return value >= min && value <= max
            ? (int)value
            : throw Fault(name, $"is {value}; it must be between {min} and {max}.");
    }

    /// <summary>A real number, or null where the file has none.</summary>
    /// <exception cref="GgufException">It is of another type, not finite or out of its range.</exception>
    public float? OptionalReal(string name, float min, float max)
    {
        if (!Metadata.TryGet(Key(name), out float value))
            return null;
        return value >= min && value <= max
            ? value
            : throw Fault(name, $"is {value}; it must be between {min} and {max}.");
    }

    /// <summary>A text, or null where the file has none.</summary>
    public string? OptionalText(string name) => Metadata.TryGet<string>(Key(name), out var value) ? value : null;

    /// <summary>A truth value, or null where the file has none.</summary>
    public bool? OptionalFlag(string name) => Metadata.TryGet(Key(name), out bool value) ? value : null;

    /// <summary>One truth value for each layer, or null where the file has none or one number.</summary>
    public bool[]? OptionalFlags(string name, int layers) =>
        Metadata.TypeOf(Key(name)) == GgufValueType.Array ? Metadata.PerLayer<bool>(Key(name), layers) : null;

    /// <summary>Notes that the keys are known and play no part, whatever they say.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            _read.Add(Key(name));
    }

    /// <summary>An error about the key.</summary>
    public GgufException Fault(string name, string problem) => Metadata.Fault(Key(name), problem);

    /// <summary>Refuses the first key of the architecture that was not read and does say something.</summary>
    /// <remarks>
    /// A value of zero, false or nothing says nothing: converters write those for keys that a model does not use.
    /// </remarks>
    /// <exception cref="GgufException">Names the key.</exception>
    public void RefuseUnread()
    {
        string prefix = architecture + ".";
        foreach (string key in Metadata.Keys)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || _read.Contains(key) || IsNeutral(key))
                continue;
            throw Metadata.Fault(
                key, $"is {Metadata.Describe(key)}, which the '{architecture}' architecture does not honour here; " +
                "answers would be wrong without it.");
        }
    }

    private string Key(string name)
    {
        string key = $"{architecture}.{name}";
        _read.Add(key);
        return key;
    }

    private bool IsNeutral(string key) => Metadata.TypeOf(key) switch
    {
        GgufValueType.Array => Metadata.LengthOf(key) == 0,
        GgufValueType.String => Metadata.Require<string>(key).Length == 0,
        GgufValueType.Bool => !Metadata.Require<bool>(key),
        GgufValueType.Float32 or GgufValueType.Float64 => Metadata.Require<double>(key) == 0,
        GgufValueType.UInt64 => Metadata.Require<ulong>(key) == 0,
        _ => Metadata.Require<long>(key) == 0,
    };
}
