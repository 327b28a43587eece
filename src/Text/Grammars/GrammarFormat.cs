using System.Collections.Frozen;

namespace Causerie.Text.Grammars;

/// <summary>A notation of grammars; a new one is one new subclass, found by itself.</summary>
public abstract class GrammarFormat
{
    private const int LongestSource = 1 << 20;

    private static readonly FrozenDictionary<string, GrammarFormat> ByName = typeof(GrammarFormat).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(GrammarFormat)) && !type.IsAbstract)
        .Select(type => (GrammarFormat)Activator.CreateInstance(type, nonPublic: true)!)
        .ToFrozenDictionary(format => format.Name, StringComparer.Ordinal);

    /// <summary>The notation's name, such as <c>json_schema</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Reads a grammar in a notation that is given by name.</summary>
    /// <param name="kind">The notation's name.</param>
    /// <param name="source">The grammar.</param>
    /// <exception cref="GrammarException">There is no such notation, or the grammar is malformed or not to be enforced.</exception>
    public static Grammar Read(string kind, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!ByName.TryGetValue(kind, out var format))
            throw new GrammarException($"grammars are written in {string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal))}, not in '{kind}'.");
        return source.Length <= LongestSource
            ? format.Read(source)
            : throw new GrammarException($"the grammar has {source.Length:N0} characters; {LongestSource:N0} are allowed.");
    }

    /// <summary>Reads a grammar.</summary>
    /// <exception cref="GrammarException">It is malformed, or asks for what cannot be enforced.</exception>
    protected abstract Grammar Read(string source);
}
