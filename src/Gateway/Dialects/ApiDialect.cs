using System.Buffers;
using System.Collections.Immutable;

namespace Causerie.Gateway.Dialects;

/// <summary>What every dialect has, whatever is asked in it: its name, its paths, and its words for a failure.</summary>
public abstract class ApiDialect
{
    /// <summary>The API's name, for people and for metrics.</summary>
    public abstract string Name { get; }

    /// <summary>The paths that requests are posted to.</summary>
    public abstract ImmutableArray<string> Paths { get; }

    /// <summary>This API's account of a failure: its status, codes and a message for the caller.</summary>
    public abstract DialectError Describe(Exception failure);

    /// <summary>Writes the body of an answer that failed before its first byte.</summary>
    public abstract void WriteError(DialectError error, IBufferWriter<byte> output);

    /// <summary>One of each dialect of a kind in this assembly, ordered by name.</summary>
    protected static ImmutableArray<T> All<T>()
        where T : ApiDialect =>
    [
        .. typeof(T).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract)
            .Select(type => (T)Activator.CreateInstance(type)!)
            .OrderBy(dialect => dialect.Name, StringComparer.Ordinal),
    ];
}
