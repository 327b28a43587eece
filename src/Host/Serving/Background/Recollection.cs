using System.Text.Json.Nodes;
using Causerie.Gateway.Dialects;

namespace Causerie.Host.Serving.Background;

/// <summary>What the reader of a request looked up among kept things, so that it can be read again and mean the same.</summary>
internal sealed class Recollection
{
    private readonly Dictionary<string, string?> _one = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _all = new(StringComparer.Ordinal);

    /// <summary>The same context, of which this learns what is asked.</summary>
    public DialectContext Listen(DialectContext context) => context with
    {
        Stored = (kind, id) => _one[Key(kind, id)] = context.Stored(kind, id),
        AllStored = kind => _all[kind] = context.AllStored(kind),
    };

    /// <summary>A context that answers what was asked then, and nothing else.</summary>
    public DialectContext Answer(DialectContext context) => context with
    {
        Stored = (kind, id) => _one.GetValueOrDefault(Key(kind, id)),
        AllStored = kind => _all.GetValueOrDefault(kind) ?? [],
    };

    /// <summary>It, to be kept.</summary>
    public JsonObject ToJson() => new()
    {
        ["one"] = new JsonObject(_one.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        ["all"] = new JsonObject(_all.Select(pair => KeyValuePair.Create(
            pair.Key, (JsonNode?)new JsonArray([.. pair.Value.Select(value => (JsonNode?)value)])))),
    };

    /// <summary>One that was kept.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static Recollection From(JsonNode json)
    {
        var recollection = new Recollection();
        foreach (var (key, value) in Group(json, "one"))
            recollection._one[key] = (string?)value;
        foreach (var (kind, values) in Group(json, "all"))
            recollection._all[kind] = [.. (values ?? throw new FormatException($"Nothing stands for {kind}.")).AsArray().Select(value => (string)value!)];
        return recollection;
    }

    private static JsonObject Group(JsonNode json, string name) =>
        json.AsObject()[name]?.AsObject() ?? throw new FormatException($"It has no {name}.");

    private static string Key(string kind, string id) => $"{kind}\n{id}";
}
