using System.Globalization;
using System.Text;
using Causerie.Text.Templates.Library;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>Values to JSON as Python's json.dumps writes it.</summary>
internal sealed class JsonText(Render render, bool asciiOnly, string? indent, string itemSeparator, string keySeparator, bool sortKeys)
{
    private readonly StringBuilder _text = new();
    private int _level;

    public string Write(Value value)
    {
        WriteValue(value);
        render.Reserve(_text.Length);
        return _text.ToString();
    }

    private void WriteValue(Value value)
    {
        render.Charge(1);
        if (_text.Length > render.Limits.Output)
            render.Reserve(_text.Length);
        switch (value)
        {
            case StringValue s:
                WriteString(s.Text);
                break;
            case NoneValue:
                _text.Append("null");
                break;
            case BoolValue b:
                _text.Append(b.Flag ? "true" : "false");
                break;
            case IntValue i:
                _text.Append(i.Number);
                break;
            case FloatValue f:
                _text.Append(Float(f.Number));
                break;
            case ListValue list:
                WriteItems(list.List);
                break;
            case TupleValue tuple:
                WriteItems(tuple.Elements);
                break;
            case DictValue dict:
                WriteDict(dict);
                break;
            default:
                throw new TemplateException($"Object of type {value.TypeName} is not JSON serializable");
        }
    }

    private void WriteItems(IList<Value> items)
    {
        if (items.Count == 0)
        {
            _text.Append("[]");
            return;
        }

        Open('[');
        for (int i = 0; i < items.Count; i++)
        {
            Separate(i == 0);
            WriteValue(items[i]);
        }

        Close(']');
    }

    private void WriteDict(DictValue dict)
    {
        if (dict.Count == 0)
        {
            _text.Append("{}");
            return;
        }

        Open('{');
        bool first = true;
        var keys = dict.Keys.ToList();
        if (sortKeys)
            keys = SortFilters.Sorted(render, keys, key => key, reverse: false);
        foreach (var key in keys)
        {
            Separate(first);
            first = false;
            WriteString(Key(key));
            _text.Append(keySeparator);
            WriteValue(dict.Find(key)!);
        }

        Close('}');
    }

    private static string Key(Value key) => key switch
    {
        StringValue s => s.Text,
        IntValue i => i.Number.ToString(CultureInfo.InvariantCulture),
        FloatValue f => Float(f.Number),
        BoolValue b => b.Flag ? "true" : "false",
        NoneValue => "null",
        _ => throw new TemplateException($"keys must be str, int, float, bool or None, not {key.TypeName}"),
    };

    private static string Float(double number) => double.IsFinite(number)
        ? FloatText.Repr(number)
        : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";

    private void Open(char bracket)
    {
        render.Enter();
        _level++;
        _text.Append(bracket);
    }

    private void Separate(bool first)
    {
        _text.Append(first ? "" : itemSeparator);
        Break();
    }

    private void Close(char bracket)
    {
        _level--;
        Break();
        _text.Append(bracket);
        render.Leave();
    }

    private void Break()
    {
        if (indent is null)
            return;
        _text.Append('\n');
        for (int i = 0; i < _level; i++)
            _text.Append(indent);
    }

    private void WriteString(string value)
    {
        render.Charge(value.Length / 16);
        _text.Append('"');
        foreach (char c in value)
        {
            string? escape = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\f' => "\\f",
                '\b' => "\\b",
                _ => null,
            };
            if (escape is not null)
                _text.Append(escape);
            else if (c < ' ' || (asciiOnly && c > '~'))
                _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                _text.Append(c);
        }

        _text.Append('"');
    }
}
