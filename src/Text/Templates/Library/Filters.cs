using System.Collections.Frozen;
using Causerie.Text.Templates.Runtime;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

internal delegate Value Filter(Render render, Value value, Arguments arguments);

/// <summary>The filters by name: Jinja's own, with transformers' tojson.</summary>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Filter> All = new Dictionary<string, Filter>
    {
        ["abs"] = NumberFilters.Abs,
        ["attr"] = SequenceFilters.Attr,
        ["batch"] = SequenceFilters.Batch,
        ["capitalize"] = TextFilters.Method("capitalize"),
        ["center"] = TextFilters.Center,
        ["count"] = SequenceFilters.Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SortFilters.DictSort,
        ["e"] = TextFilters.Escape,
        ["escape"] = TextFilters.Escape,
        ["filesizeformat"] = NumberFilters.FileSize,
        ["first"] = SequenceFilters.First,
        ["float"] = NumberFilters.Float,
        ["forceescape"] = TextFilters.ForceEscape,
        ["format"] = TextFilters.Format,
        ["groupby"] = SortFilters.GroupBy,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.Int,
        ["items"] = SequenceFilters.Items,
        ["join"] = TextFilters.Join,
        ["last"] = SequenceFilters.Last,
        ["length"] = SequenceFilters.Length,
        ["list"] = SequenceFilters.List,
        ["lower"] = TextFilters.Method("lower"),
        ["map"] = SelectFilters.Map,
        ["max"] = (render, value, arguments) => SortFilters.Extreme(render, value, arguments, "max"),
        ["min"] = (render, value, arguments) => SortFilters.Extreme(render, value, arguments, "min"),
        ["reject"] = (render, value, arguments) => SelectFilters.Select(render, value, arguments, false, false),
        ["rejectattr"] = (render, value, arguments) => SelectFilters.Select(render, value, arguments, true, false),
        ["replace"] = TextFilters.Replace,
        ["reverse"] = SequenceFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = TextFilters.Safe,
        ["select"] = (render, value, arguments) => SelectFilters.Select(render, value, arguments, false, true),
        ["selectattr"] = (render, value, arguments) => SelectFilters.Select(render, value, arguments, true, true),
        ["slice"] = SequenceFilters.Slice,
        ["sort"] = SortFilters.Sort,
        ["string"] = TextFilters.String,
        ["striptags"] = TextFilters.StripTags,
        ["sum"] = NumberFilters.Sum,
        ["title"] = TextFilters.Title,
        ["tojson"] = ToJson,
        ["trim"] = TextFilters.Trim,
        ["truncate"] = TextFilters.Truncate,
        ["unique"] = SortFilters.Unique,
        ["upper"] = TextFilters.Method("upper"),
        ["urlencode"] = TextFilters.UrlEncode,
        ["wordcount"] = TextFilters.WordCount,
        ["wordwrap"] = WordWrap.Filter,
        ["xmlattr"] = TextFilters.XmlAttributes,
        ["pprint"] = Refused("pprint"),
        ["random"] = Refused("random"),
        ["urlize"] = Refused("urlize"),
    }.ToFrozenDictionary();

    public static Filter? Find(string name) => All.GetValueOrDefault(name);

    private static Filter Refused(string name) =>
        (_, _, _) => throw new TemplateException($"The filter '{name}' is not supported in chat templates.");

    private static Value Default(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("default", ["default_value", "boolean"]);
        bool missing = value is UndefinedValue || (bound[1]?.IsTrue == true && !value.IsTrue);
        return missing ? bound[0] ?? StringValue.Empty : value;
    }

    private static StringValue ToJson(Render render, Value value, Arguments arguments)
    {
        var bound = arguments.Bind("tojson", ["ensure_ascii", "indent", "separators", "sort_keys"]);
        string? indent = bound[1] switch
        {
            null or NoneValue => null,
            StringValue s => s.Text,
            var width when Numbers.TryInt(width, out long n) => new string(' ', render.CheckWidth(n, "indent")),
            var other => throw new TemplateException($"tojson: indent cannot be {other.TypeName}"),
        };
        string item = indent is null ? ", " : ",", key = ": ";
        if (bound[2] is { } separators and not NoneValue)
        {
            var pair = render.ToList(separators);
            if (pair is not [StringValue first, StringValue second])
                throw new TemplateException("tojson: separators must be two texts");
            (item, key) = (first.Text, second.Text);
        }

        var json = new JsonText(render, bound[0]?.IsTrue == true, indent, item, key, bound[3]?.IsTrue == true);
        return new StringValue(json.Write(value));
    }
}
