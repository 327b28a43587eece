using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>A JSON Schema's text, in which references find what they mean.</summary>
internal sealed class SchemaDocument
{
    private const int Deepest = 64;

    private static readonly Uri Here = new("http://schema.invalid/");
    private static readonly string[] NoSchemas = ["enum", "const", "default", "examples"];

    private readonly Dictionary<string, JsonNode> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonNode> _anchors = new(StringComparer.Ordinal);
    private readonly Dictionary<JsonNode, string> _bases = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _dynamicAnchors = new(StringComparer.Ordinal);

    private SchemaDocument(JsonNode root)
    {
        Root = root;
        IsDraft7 = root is JsonObject o && o["$schema"] is JsonValue v && v.TryGetValue(out string? schema)
            && (schema.Contains("draft-07", StringComparison.Ordinal) || schema.Contains("draft-06", StringComparison.Ordinal)
                || schema.Contains("draft-04", StringComparison.Ordinal));
        _resources[Here.ToString()] = root;
        Index(root, Here.ToString());
    }

    /// <summary>The whole schema.</summary>
    public JsonNode Root { get; }

    /// <summary>Whether what stands beside <c>$ref</c> is overheard, as up to draft 7.</summary>
    public bool IsDraft7 { get; }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="GrammarException">It is no JSON, nested too deep, or neither an object nor a boolean.</exception>
    public static SchemaDocument Parse(string json)
    {
        try
        {
            var root = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = Deepest * 2, AllowDuplicateProperties = false });
            return root is JsonObject || (root is JsonValue value && value.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
                ? new SchemaDocument(root) : throw new GrammarException("a schema is an object or a boolean.");
        }
        catch (JsonException e)
        {
            throw new GrammarException($"the schema is no JSON: {e.Message}", e);
        }
    }

    /// <summary>What a reference that stands in a node means.</summary>
    /// <exception cref="GrammarException">It means nothing in this document; nothing is fetched from elsewhere.</exception>
    public JsonNode Resolve(string reference, JsonNode from)
    {
        string inBase = BaseOf(from);
        int mark = reference.IndexOf('#', StringComparison.Ordinal);
        string fragment = mark < 0 ? "" : Uri.UnescapeDataString(reference[(mark + 1)..]);
        string address = mark == 0 ? inBase : Absolute(inBase, mark < 0 ? reference : reference[..mark]);
        if (!_resources.TryGetValue(address, out var resource))
            throw new GrammarException($"the reference '{reference}' leads out of the schema, and nothing is fetched.");
        if (fragment.Length == 0)
            return resource;
        if (fragment[0] != '/')
            return _anchors.GetValueOrDefault(address + "#" + fragment) ?? throw new GrammarException($"there is no anchor '{reference}'.");
        JsonNode? node = resource;
        foreach (string step in fragment[1..].Split('/').Select(part =>
            part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            node = node switch
            {
                JsonObject o => o[step],
                JsonArray a when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int i) && i < a.Count => a[i],
                _ => null,
            };
        }
        return node ?? throw new GrammarException($"the reference '{reference}' leads nowhere.");
    }

    /// <summary>The same for <c>$dynamicRef</c>, which is like <c>$ref</c> where only one place can be meant.</summary>
    public JsonNode ResolveDynamic(string reference, JsonNode from)
    {
        int mark = reference.IndexOf('#', StringComparison.Ordinal);
        string anchor = reference[(mark + 1)..];
        return _dynamicAnchors.GetValueOrDefault(anchor) > 1
            ? throw new GrammarException($"$dynamicRef '{reference}' has several places to lead to, which cannot be enforced.")
            : Resolve(reference, from);
    }

    private string BaseOf(JsonNode node)
    {
        for (JsonNode? at = node; at is not null; at = at.Parent)
        {
            if (_bases.TryGetValue(at, out string? its))
                return its;
        }
        return Here.ToString();
    }

    private void Index(JsonNode node, string address)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array.OfType<JsonNode>())
                Index(item, address);
            return;
        }
        if (node is not JsonObject o)
            return;
        bool overheard = IsDraft7 && o.ContainsKey("$ref");
        if (!overheard && Text(o, "$id") is { } id && !id.StartsWith('#'))
        {
            string its = Absolute(address, id.TrimEnd('#'));
            _resources.TryAdd(its, o);
            _bases[o] = address = its;
        }
        else if (node == Root)
        {
            _bases[o] = address;
        }
        foreach (string keyword in new[] { "$anchor", "$dynamicAnchor" })
        {
            if (Text(o, keyword) is { } anchor)
                _anchors.TryAdd($"{address}#{anchor}", o);
        }
        if (Text(o, "$dynamicAnchor") is { } dynamic)
            _dynamicAnchors[dynamic] = _dynamicAnchors.GetValueOrDefault(dynamic) + 1;
        if (Text(o, "$id") is { } old && old.StartsWith('#'))
            _anchors.TryAdd(address + old, o);
        foreach (var (key, value) in o)
        {
            if (value is not null && !NoSchemas.Contains(key))
                Index(value, address);
        }
    }

    private static string? Text(JsonObject o, string key) =>
        o.TryGetPropertyValue(key, out var node) && node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static string Absolute(string address, string reference) =>
        Uri.TryCreate(new Uri(address), reference, out var uri) ? uri.ToString()
            : throw new GrammarException($"'{reference}' is no address.");
}
