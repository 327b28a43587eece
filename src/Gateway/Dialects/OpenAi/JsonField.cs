using System.Globalization;
using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>One value of a request with the path to it; reads typed values or refuses them in OpenAI's terms.</summary>
internal readonly record struct JsonField(JsonElement Value, string Path)
{
    public bool IsNull => Value.ValueKind == JsonValueKind.Null;

    public JsonField this[string key, JsonElement value] => new(value, $"{Path}.{key}");

    public string String() =>
        Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw WrongType("a string");

    public bool Boolean() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType("a boolean"),
    };

    public double Number(double min, double max)
    {
        if (Value.ValueKind != JsonValueKind.Number)
            throw WrongType("a number");
        double number = Value.GetDouble();
        if (number < min)
            throw OutOfRange("decimal_below_min_value", $"at least {Text(min)}");
        if (!(number <= max))
            throw OutOfRange("decimal_above_max_value", $"at most {Text(max)}");
        return number;
    }

    public int Integer(int min, int max = int.MaxValue) => (int)Long(min, max);

    public long Long(long min, long max)
    {
        if (Value.ValueKind != JsonValueKind.Number)
            throw WrongType("an integer");
        string raw = Value.GetRawText();
        if (raw.AsSpan().ContainsAny('.', 'e', 'E'))
            throw WrongType("an integer", "a decimal number");
        bool fits = Value.TryGetInt64(out long number);
        if (fits ? number < min : raw[0] == '-')
            throw OutOfRange("integer_below_min_value", $"at least {min}");
        if (!fits || number > max)
            throw OutOfRange("integer_above_max_value", $"at most {max}");
        return number;
    }

    public IEnumerable<JsonField> Items(int minLength = 1, int maxLength = int.MaxValue)
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw WrongType("an array");
        int length = Value.GetArrayLength();
        if (length < minLength)
            throw Refuse($"'{Path}' is an empty array; it must hold at least {minLength}.", "empty_array");
        if (length > maxLength)
        {
            throw Refuse(
                $"'{Path}' holds {length} items; it may hold at most {maxLength}.", "array_above_max_length");
        }

        string path = Path;
        return Value.EnumerateArray().Select((item, i) => new JsonField(item, $"{path}[{i}]"));
    }

    public IEnumerable<(string Key, JsonField Value)> Entries()
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw WrongType("an object");
        string path = Path;
        return Value.EnumerateObject()
            .Select(entry => (entry.Name, new JsonField(entry.Value, path.Length == 0 ? entry.Name : $"{path}.{entry.Name}")));
    }

    public RejectedException WrongType(string expected, string? got = null) =>
        Refuse($"'{Path}' must be {expected}, not {got ?? Kind()}.", "invalid_type");

    public RejectedException Refuse(string message, string code) => new(Errors.Invalid(message, Path, code));

    public RejectedException Unsupported(string what, string code = "unsupported_parameter") =>
        Refuse($"{what} is not supported by this server yet.", code);

    public RejectedException Unknown() =>
        Refuse($"'{Path}' is not a parameter of this API.", "unknown_parameter");

    public static RejectedException Missing(string path) => new(
        Errors.Invalid($"The required parameter '{path}' is missing.", path, "missing_required_parameter"));

    private RejectedException OutOfRange(string code, string allowed) =>
        Refuse($"'{Path}' must be {allowed}, not {Value.GetRawText()}.", code);

    private string Kind() => Value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
