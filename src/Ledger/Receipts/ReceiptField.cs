using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Causerie.Ledger.Receipts;

/// <summary>One value of a receipt that is being read, with the path to it; a value of another kind is refused by it.</summary>
internal readonly record struct ReceiptField(JsonElement Value, string Path)
{
    public bool IsNull => Value.ValueKind == JsonValueKind.Null;

    /// <summary>The value of a field that <see cref="Object"/> has found.</summary>
    public ReceiptField this[string name] => new(Value.GetProperty(name), Path.Length == 0 ? name : $"{Path}.{name}");

    /// <summary>A field that need not be there; null where it is not.</summary>
    public ReceiptField? Optional(string name) => Value.TryGetProperty(name, out _) ? this[name] : null;

    /// <summary>Itself, which has exactly the fields of these names; those that end in '?' may be missing.</summary>
    public ReceiptField Object(params ReadOnlySpan<string> names)
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw WrongType("an object");
        foreach (var property in Value.EnumerateObject())
        {
            if (!names.Contains(property.Name) && !names.Contains(property.Name + "?"))
                throw new ReceiptException($"A receipt has no field '{Inner(property.Name)}'.");
        }

        foreach (string name in names)
        {
            if (!name.EndsWith('?') && !Value.TryGetProperty(name, out _))
                throw new ReceiptException($"The field '{Inner(name)}' is missing.");
        }

        return this;
    }

    public IEnumerable<(string Name, ReceiptField Field)> Entries()
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw WrongType("an object");
        string path = Path;
        return Value.EnumerateObject().Select(entry => (entry.Name, new ReceiptField(entry.Value, $"{path}.{entry.Name}")));
    }

    public IEnumerable<ReceiptField> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw WrongType("an array");
        string path = Path;
        return Value.EnumerateArray().Select((item, i) => new ReceiptField(item, $"{path}[{i}]"));
    }

    public bool Boolean() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType("a boolean"),
    };

    public string String()
    {
        if (Value.ValueKind != JsonValueKind.String)
            throw WrongType("a string");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Refuse("is no text: it holds half of a surrogate pair");
        }
    }

    public int Integer(int least) => (int)Long(least, int.MaxValue);

    public long Long(long least, long most)
    {
        if (Value.ValueKind != JsonValueKind.Number || !Value.TryGetInt64(out long number))
            throw WrongType("an integer");
        return number >= least && number <= most ? number : throw Refuse($"must be from {least} to {most}, not {number}");
    }

    public double Number()
    {
        if (Value.ValueKind != JsonValueKind.Number || !Value.TryGetDouble(out double number) || !double.IsFinite(number))
            throw WrongType("a number");
        return number;
    }

    /// <summary>So many hexadecimal digits in lower case.</summary>
    public string Hex(int digits)
    {
        string text = String();
        return text.Length == digits && text.All(char.IsAsciiHexDigitLower)
            ? text
            : throw Refuse($"must be {digits} hexadecimal digits in lower case");
    }

    public DateTime Time(string format) =>
        DateTime.TryParseExact(
            String(), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw Refuse("is no time of the form 2026-01-31T12:00:00");

    public ImmutableArray<int> Ids()
    {
        ImmutableArray<int> ids = [.. Items().Select(item => item.Integer(0))];
        return ids.IsEmpty ? throw Refuse("is empty") : ids;
    }

    public ImmutableArray<string> Texts() => [.. Items().Select(item => item.String())];

    public ReceiptException Refuse(string complaint) => new($"The field '{Path}' {complaint}.");

    private ReceiptException WrongType(string expected) =>
        Path.Length == 0 ? new ReceiptException($"A receipt is {expected}.") : Refuse($"must be {expected}");

    private string Inner(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
