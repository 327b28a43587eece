using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>JSON to values, with Python's distinction of whole and floating-point numbers.</summary>
internal static class JsonValues
{
    public static Value Read(Render render, JsonNode? node)
    {
        switch (node)
        {
            case null:
                return NoneValue.Instance;
            case JsonObject fields:
                render.Enter();
                var dict = new DictValue(fields.Count);
                foreach (var (name, value) in fields)
                    dict.Set(name, Read(render, value));
                render.Leave();
                return dict;
            case JsonArray items:
                render.Enter();
                var list = new List<Value>(items.Count);
                foreach (var item in items)
                    list.Add(Read(render, item));
                render.Leave();
                return new ListValue(list);
            default:
                return ReadScalar(node.AsValue());
        }
    }

    private static Value ReadScalar(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.String => new StringValue(value.GetValue<string>()),
        JsonValueKind.True => BoolValue.True,
        JsonValueKind.False => BoolValue.False,
        JsonValueKind.Null => NoneValue.Instance,
        JsonValueKind.Number => ReadNumber(value),
        var kind => throw new TemplateException($"A variable holds JSON of kind {kind}."),
    };

    private static Value ReadNumber(JsonValue value)
    {
        bool written = value.TryGetValue(out JsonElement element);
        if (!written && (value.TryGetValue(out double real) || (value.TryGetValue(out float single) && Set(single, out real))))
            return new FloatValue(real);
        string text = written ? element.GetRawText() : value.ToJsonString();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
            return new FloatValue(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
            ? IntValue.Of(whole)
            : throw Numbers.Overflow();
    }

    private static bool Set(float single, out double real)
    {
        real = single;
        return true;
    }
}
