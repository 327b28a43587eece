using System.Globalization;
using System.Text;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Runtime;

/// <summary>Values as text, in Python's spelling: str() and repr().</summary>
internal static class Printer
{
    public static string Str(Render render, Value value) => value switch
    {
        StringValue s => s.Text,
        UndefinedValue => "",
        IntValue i => i.Number.ToString(CultureInfo.InvariantCulture),
        BoolValue b => b.Flag ? "True" : "False",
        NoneValue => "None",
        _ => Repr(render, value),
    };

    public static string Repr(Render render, Value value)
    {
        var text = new StringBuilder();
        Write(render, text, value);
        render.Reserve(text.Length);
        return text.ToString();
    }

    /// <summary>A text in Python's quotes and escapes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2);
        WriteQuoted(quoted, text);
        return quoted.ToString();
    }

    /// <summary>The same with escapes for all that is not ASCII.</summary>
    public static string Ascii(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text;
        var ascii = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
            if (rune.IsAscii)
                ascii.Append((char)rune.Value);
            else
                WriteEscape(ascii, rune.Value);
        return ascii.ToString();
    }

    private static void Write(Render render, StringBuilder text, Value value)
    {
        render.Charge(1);
        if (text.Length > render.Limits.Output)
            render.Reserve(text.Length);
        switch (value)
        {
            case StringValue s:
                render.Charge(s.Text.Length / 16);
                text.Append(s.IsMarkup ? "Markup(" : "");
                WriteQuoted(text, s.Text);
                text.Append(s.IsMarkup ? ")" : "");
                break;
            case IntValue or BoolValue or NoneValue:
                text.Append(Str(render, value));
                break;
            case FloatValue f:
                text.Append(FloatText.Repr(f.Number));
                break;
            case UndefinedValue:
                text.Append("Undefined");
                break;
            case ListValue list:
                WriteItems(render, text, "[", list.List, "]");
                break;
            case TupleValue tuple:
                WriteItems(render, text, "(", tuple.Elements, tuple.Elements.Length == 1 ? ",)" : ")");
                break;
            case DictValue dict:
                WriteDict(render, text, dict);
                break;
            case DictViewValue view:
                WriteItems(render, text, $"{view.TypeName}([", view.Items, "])");
                break;
            case NamespaceValue ns:
                text.Append("<Namespace ");
                WriteDict(render, text, ns.Attributes);
                text.Append('>');
                break;
            case RangeValue range:
                text.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}");
                text.Append(range.Step == 1 ? ")" : $", {range.Step})");
                break;
            case Syntax.MacroValue macro:
                text.Append(CultureInfo.InvariantCulture, $"<Macro {Quote(macro.Name)}>");
                break;
            case Syntax.LoopValue loop:
                text.Append(loop.Describe());
                break;
            case FunctionValue function:
                text.Append(CultureInfo.InvariantCulture, $"<function {function.Name}>");
                break;
            case MethodValue method:
                text.Append(CultureInfo.InvariantCulture, $"<built-in method {method.Name} of {method.Self.TypeName} object>");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"<{value.TypeName} object>");
                break;
        }
    }

    private static void WriteItems(Render render, StringBuilder text, string open, IEnumerable<Value> items, string close)
    {
        render.Enter();
        text.Append(open);
        bool first = true;
        foreach (var item in items)
        {
            text.Append(first ? "" : ", ");
            first = false;
            Write(render, text, item);
        }

        text.Append(close);
        render.Leave();
    }

    private static void WriteDict(Render render, StringBuilder text, DictValue dict)
    {
        render.Enter();
        text.Append('{');
        bool first = true;
        foreach (var (key, value) in dict.Entries)
        {
            text.Append(first ? "" : ", ");
            first = false;
            Write(render, text, key);
            text.Append(": ");
            Write(render, text, value);
        }

        text.Append('}');
        render.Leave();
    }

    private static void WriteQuoted(StringBuilder text, string value)
    {
        char quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        text.Append(quote);
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (c == quote || c == '\\')
                text.Append('\\').Append(c);
            else if (c is >= ' ' and < '\x7f')
                text.Append(c);
            else if (c is '\n' or '\r' or '\t')
                text.Append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            else if (StringValue.Width(value, i) == 2)
                WriteRune(text, char.ConvertToUtf32(c, value[++i]));
            else
                WriteRune(text, c);
        }

        text.Append(quote);
    }

    private static void WriteRune(StringBuilder text, int rune)
    {
        if (Letters.IsPrintable(rune))
            text.Append(new Rune(rune).ToString());
        else
            WriteEscape(text, rune);
    }

    private static void WriteEscape(StringBuilder text, int rune)
    {
        if (rune < 0x100)
            text.Append(CultureInfo.InvariantCulture, $"\\x{rune:x2}");
        else if (rune < 0x10000)
            text.Append(CultureInfo.InvariantCulture, $"\\u{rune:x4}");
        else
            text.Append(CultureInfo.InvariantCulture, $"\\U{rune:x8}");
    }
}
