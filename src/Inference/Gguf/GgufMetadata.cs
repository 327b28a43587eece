using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Causerie.Compute.Memory;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Gguf;

/// <summary>What a model file says of itself, by key; values stay in the mapped file until they are asked for.</summary>
/// <remarks>
/// Integers widen and narrow where the value fits; singles widen to doubles; nothing else converts. Supported types are
/// bool, the integers of 8 to 64 bits, float, double, string and arrays of them, those of strings also as a
/// <see cref="TextList"/>.
/// </remarks>
public sealed class GgufMetadata
{
    private readonly MappedFile _file;
    private readonly Dictionary<string, GgufValue> _values;

    internal GgufMetadata(MappedFile file, Dictionary<string, GgufValue> values)
    {
        _file = file;
        _values = values;
    }

    /// <summary>All keys, in the file's order.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Number of keys.</summary>
    public int Count => _values.Count;

    /// <summary>Whether the file has the key.</summary>
    public bool Contains(string key) => _values.ContainsKey(key);

    /// <summary>Type of the value; <see cref="GgufValueType.Array"/> for arrays. Null where the key is absent.</summary>
    public GgufValueType? TypeOf(string key) => _values.TryGetValue(key, out var value) ? value.Type : null;

    /// <summary>Elements of an array, 1 for anything else, 0 where the key is absent.</summary>
    public long LengthOf(string key) => _values.TryGetValue(key, out var value) ? value.Count : 0;

    /// <summary>The value of <paramref name="key"/>, where the file has it.</summary>
    /// <exception cref="GgufException">The value is of another type or does not fit.</exception>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value) where T : notnull
    {
        if (!_values.TryGetValue(key, out var found))
        {
            value = default;
            return false;
        }
        value = new GgufValueReader(_file, key, found).Read<T>();
        return true;
    }

    /// <summary>The value of <paramref name="key"/>.</summary>
    /// <exception cref="GgufException">The file has no such key, or its value is of another type.</exception>
    public T Require<T>(string key) where T : notnull =>
        TryGet<T>(key, out var value) ? value : throw Missing(key);

    /// <summary>The value of <paramref name="key"/>, or <paramref name="fallback"/> where the file has none.</summary>
    /// <exception cref="GgufException">The value is of another type.</exception>
    public T GetOr<T>(string key, T fallback) where T : notnull =>
        TryGet<T>(key, out var value) ? value : fallback;

    /// <summary>A hyper-parameter that is either one number for all layers or an array with one for each.</summary>
    /// <returns>[layers], or null where the file has no such key.</returns>
    /// <exception cref="GgufException">The value is of another type or an array of another length.</exception>
    public T[]? PerLayer<T>(string key, int layers) where T : notnull
    {
        if (!_values.TryGetValue(key, out var found))
            return null;
        if (found.Type != GgufValueType.Array)
        {
            var all = new T[layers];
            Array.Fill(all, Require<T>(key));
            return all;
        }
        if (found.Count != layers)
            throw Fault(key, $"has {found.Count} values for {layers} layers.");
        return Require<T[]>(key);
    }

    /// <summary>The value as people read it; arrays as their length and first elements.</summary>
    public string Describe(string key)
    {
        if (!_values.TryGetValue(key, out var found))
            throw Missing(key);
        return new GgufValueReader(_file, key, found).Describe(CultureInfo.InvariantCulture);
    }

    /// <summary>An error about <paramref name="key"/>, for those who find its value senseless.</summary>
    public GgufException Fault(string key, string problem) =>
        new(_file.Path, key, _values.TryGetValue(key, out var value) ? value.Offset : null, problem);

    private GgufException Missing(string key) =>
        new(_file.Path, key, null, "the metadata has no such key; the model was converted incompletely.");
}
