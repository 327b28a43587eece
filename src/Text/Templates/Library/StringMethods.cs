using System.Collections.Frozen;
using System.Text;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

using Method = System.Func<Causerie.Text.Templates.Runtime.Render, Causerie.Text.Templates.Values.Value, Causerie.Text.Templates.Runtime.Arguments, Causerie.Text.Templates.Values.Value>;

namespace Causerie.Text.Templates.Library;

/// <summary>The methods of str.</summary>
internal static class StringMethods
{
    private static readonly FrozenDictionary<string, Method> All = new Dictionary<string, Method>
    {
        ["capitalize"] = Mapped("capitalize", Case.Capitalize),
        ["casefold"] = Mapped("casefold", Case.Fold),
        ["center"] = (r, s, a) => StringPadding.Pad(r, (StringValue)s, a, "center"),
        ["count"] = Count,
        ["encode"] = Refused("encode"),
        ["endswith"] = (r, s, a) => Affix(r, s, a, "endswith"),
        ["expandtabs"] = StringPadding.ExpandTabs,
        ["find"] = (r, s, a) => StringSearch.Find(r, s, a, "find"),
        ["format"] = BraceFormat.Format,
        ["format_map"] = BraceFormat.FormatMap,
        ["index"] = (r, s, a) => StringSearch.Find(r, s, a, "index"),
        ["isalnum"] = All_("isalnum", r => Letters.IsLetter(r) || Letters.IsNumeric(r)),
        ["isalpha"] = All_("isalpha", Letters.IsLetter),
        ["isascii"] = (_, s, a) => BoolValue.Of(a.Only("isascii", 0, 0).Length == 0 && Ascii.IsValid(Text(s))),
        ["isdecimal"] = All_("isdecimal", Letters.IsDecimal),
        ["isdigit"] = All_("isdigit", Letters.IsDigit),
        ["isidentifier"] = (_, s, a) => BoolValue.Of(a.Only("isidentifier", 0, 0).Length == 0 && IsIdentifier(Text(s))),
        ["islower"] = (_, s, a) => BoolValue.Of(a.Only("islower", 0, 0).Length == 0 && IsLower(Text(s))),
        ["isnumeric"] = All_("isnumeric", Letters.IsNumeric),
        ["isprintable"] = (_, s, a) =>
            BoolValue.Of(a.Only("isprintable", 0, 0).Length == 0 && Text(s).EnumerateRunes().All(r => Letters.IsPrintable(r.Value))),
        ["isspace"] = All_("isspace", r => r < 0x10000 && Letters.IsSpace((char)r)),
        ["istitle"] = (_, s, a) => BoolValue.Of(a.Only("istitle", 0, 0).Length == 0 && IsTitle(Text(s))),
        ["isupper"] = (_, s, a) => BoolValue.Of(a.Only("isupper", 0, 0).Length == 0 && IsUpper(Text(s))),
        ["join"] = Join,
        ["ljust"] = (r, s, a) => StringPadding.Pad(r, (StringValue)s, a, "ljust"),
        ["lower"] = Mapped("lower", Case.Lower),
        ["lstrip"] = (r, s, a) => Strip(r, s, a, "lstrip", left: true, right: false),
        ["maketrans"] = Refused("maketrans"),
        ["partition"] = (r, s, a) => StringSearch.Partition(r, s, a, "partition"),
        ["removeprefix"] = (r, s, a) => RemoveAffix(r, s, a, "removeprefix"),
        ["removesuffix"] = (r, s, a) => RemoveAffix(r, s, a, "removesuffix"),
        ["replace"] = Replace,
        ["rfind"] = (r, s, a) => StringSearch.Find(r, s, a, "rfind"),
        ["rindex"] = (r, s, a) => StringSearch.Find(r, s, a, "rindex"),
        ["rjust"] = (r, s, a) => StringPadding.Pad(r, (StringValue)s, a, "rjust"),
        ["rpartition"] = (r, s, a) => StringSearch.Partition(r, s, a, "rpartition"),
        ["rsplit"] = (r, s, a) => StringSearch.Split(r, s, a, fromRight: true),
        ["rstrip"] = (r, s, a) => Strip(r, s, a, "rstrip", left: false, right: true),
        ["split"] = (r, s, a) => StringSearch.Split(r, s, a, fromRight: false),
        ["splitlines"] = StringSearch.SplitLines,
        ["startswith"] = (r, s, a) => Affix(r, s, a, "startswith"),
        ["strip"] = (r, s, a) => Strip(r, s, a, "strip", left: true, right: true),
        ["swapcase"] = Mapped("swapcase", Case.Swap),
        ["title"] = Mapped("title", Case.Title),
        ["translate"] = Refused("translate"),
        ["upper"] = Mapped("upper", Case.Upper),
        ["zfill"] = StringPadding.ZeroFill,
    }.ToFrozenDictionary();

    public static MethodValue? Find(Value self, string name) =>
        All.TryGetValue(name, out var method) ? new MethodValue(self, name, method) : null;

    public static string Text(Value self) => ((StringValue)self).Text;

    /// <summary>A text argument, escaped where <paramref name="self"/> is markup.</summary>
    public static string Argument(Value self, Value? value, string method) => value is StringValue s
        ? self is StringValue { IsMarkup: true } ? Markup.Escape(s) : s.Text
        : throw new TemplateException($"{method}: must be str, not {value?.TypeName ?? "nothing"}");

    public static string Replace(Render render, string text, string old, string by, long count)
    {
        render.Search(text, old);
        if (count == 0 || (old.Length > text.Length))
            return text;
        if (old.Length == 0)
            return Interleave(render, text, by, count);
        var replaced = new StringBuilder();
        int at = 0;
        for (; count != 0 && text.IndexOf(old, at, StringComparison.Ordinal) is >= 0 and var found; count--)
        {
            if ((long)replaced.Length + by.Length + (found - at) > render.Limits.Output)
                render.Reserve((long)replaced.Length + by.Length + (found - at));
            replaced.Append(text, at, found - at).Append(by);
            at = found + old.Length;
        }

        return at == 0 ? text : replaced.Append(text, at, text.Length - at).ToString();
    }

    private static string Interleave(Render render, string text, string by, long count)
    {
        int letters = StringValue.CodePoints(text);
        long times = count < 0 ? letters + 1L : Math.Min(count, letters + 1L);
        render.Reserve(text.Length + (times * by.Length));
        var mixed = new StringBuilder();
        int at = 0;
        for (; times > 0; times--)
        {
            mixed.Append(by);
            if (at < text.Length)
            {
                int width = StringValue.Width(text, at);
                mixed.Append(text, at, width);
                at += width;
            }
        }

        return mixed.Append(text, at, text.Length - at).ToString();
    }

    private static Method Mapped(string name, Func<string, string> map) => (render, self, arguments) =>
    {
        arguments.Only(name, 0, 0);
        render.Reserve(Text(self).Length);
        return ((StringValue)self).With(map(Text(self)));
    };

    private static Method All_(string name, Func<int, bool> holds) => (render, self, arguments) =>
    {
        arguments.Only(name, 0, 0);
        render.Charge(Text(self).Length / 16);
        return BoolValue.Of(Text(self).Length > 0 && Text(self).EnumerateRunes().All(rune => holds(rune.Value)));
    };

    private static Method Refused(string name) =>
        (_, _, _) => throw new TemplateException($"The method '{name}' of texts is not supported in chat templates.");

    private static StringValue Replace(Render render, Value self, Arguments arguments)
    {
        var bound = arguments.Bind("replace", ["old", "new", "count"], 2);
        long count = -1;
        if (bound[2] is { } limit && !Numbers.TryInt(limit, out count))
            throw new TemplateException($"'{limit.TypeName}' object cannot be interpreted as an integer");
        string replaced = Replace(
            render, Text(self), Argument(self, bound[0], "replace"), Argument(self, bound[1], "replace"), count);
        render.Reserve(replaced.Length);
        return ((StringValue)self).With(replaced);
    }

    private static Value Strip(Render render, Value self, Arguments arguments, string name, bool left, bool right)
    {
        var given = arguments.Only(name, 0, 1);
        string? characters = given is [] or [NoneValue] ? null : Argument(self, given[0], name);
        render.Charge(1 + (characters is null ? 0 : (long)Text(self).Length * characters.Length / 256));
        string stripped = Letters.Strip(Text(self), characters, left, right);
        if (stripped.Length == Text(self).Length)
            return self;
        render.Reserve(stripped.Length);
        return ((StringValue)self).With(stripped);
    }

    private static BoolValue Affix(Render render, Value self, Arguments arguments, string name)
    {
        var given = arguments.Only(name, 1, 3);
        var (begin, end) = StringSearch.Window(self, given, 1);
        var affixes = given[0] is TupleValue tuple ? tuple.Elements : [given[0]];
        foreach (var affix in affixes)
        {
            if (affix is not StringValue s)
                throw new TemplateException(given[0] is TupleValue
                    ? $"tuple for {name} must only contain str, not {affix.TypeName}"
                    : $"{name} first arg must be str or a tuple of str, not {affix.TypeName}");
            var window = begin <= end ? Text(self).AsSpan(begin, end - begin) : default;
            render.Charge(1 + (s.Text.Length / 64));
            if (begin <= end && (name == "startswith"
                ? window.StartsWith(s.Text, StringComparison.Ordinal)
                : window.EndsWith(s.Text, StringComparison.Ordinal)))
                return BoolValue.True;
        }

        return BoolValue.False;
    }

    private static Value RemoveAffix(Render render, Value self, Arguments arguments, string name)
    {
        string affix = Argument(self, arguments.Only(name, 1, 1)[0], name);
        string text = Text(self);
        if (affix.Length == 0)
            return self;
        bool front = name == "removeprefix";
        bool there = front
            ? text.StartsWith(affix, StringComparison.Ordinal)
            : text.EndsWith(affix, StringComparison.Ordinal);
        return there ? render.Text(front ? text[affix.Length..] : text[..^affix.Length]) : self;
    }

    private static StringValue Join(Render render, Value self, Arguments arguments)
    {
        var items = arguments.Only("join", 1, 1)[0];
        if (items.Items is null)
            throw new TemplateException("can only join an iterable");
        var joined = new StringBuilder();
        int index = 0;
        foreach (var item in render.Each(items))
        {
            var text = item as StringValue;
            if (text is null && self is not StringValue { IsMarkup: true })
                throw new TemplateException($"sequence item {index}: expected str instance, {item.TypeName} found");
            if (index++ > 0)
                render.Append(joined, Text(self));
            render.Append(joined, Argument(self, text ?? new StringValue(Printer.Str(render, item)), "join"));
        }

        return ((StringValue)self).With(joined.ToString());
    }

    private static IntValue Count(Render render, Value self, Arguments arguments)
    {
        var given = arguments.Only("count", 1, 3);
        string sought = Argument(self, given[0], "count");
        var (begin, end) = StringSearch.Window(self, given, 1);
        if (begin > end)
            return IntValue.Of(0);
        render.Search(Text(self), sought);
        var window = Text(self).AsSpan(begin, end - begin);
        return IntValue.Of(sought.Length == 0 ? StringValue.CodePoints(window) + 1 : window.Count(sought));
    }

    private static bool IsLower(string text) =>
        text.EnumerateRunes().Any(r => Letters.IsLower(r.Value))
        && !text.EnumerateRunes().Any(r => Letters.IsCased(r.Value) && !Letters.IsLower(r.Value));

    private static bool IsUpper(string text) =>
        text.EnumerateRunes().Any(r => Letters.IsUpper(r.Value))
        && !text.EnumerateRunes().Any(r => Letters.IsCased(r.Value) && !Letters.IsUpper(r.Value));

    private static bool IsTitle(string text)
    {
        bool any = false, inside = false;
        foreach (var rune in text.EnumerateRunes())
        {
            bool cased = Letters.IsCased(rune.Value);
            if (cased && Letters.IsLower(rune.Value) != inside)
                return false;
            any |= cased;
            inside = cased;
        }

        return any;
    }

    private static bool IsIdentifier(string text) =>
        text.Length > 0 && !char.IsDigit(text[0]) && text.EnumerateRunes().All(r => Letters.IsWord(r.Value));
}
