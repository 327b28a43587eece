using Causerie.Text.Grammars.Expressions;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>The texts that a <c>format</c> allows, each as the standard that defines it says.</summary>
internal static class Formats
{
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private const string V4 = Octet + "(?:\\." + Octet + "){3}";
    private const string H = "[0-9a-fA-F]{1,4}";
    private const string V6 = "(?:(?:" + H + ":){7}" + H + "|(?:" + H + ":){6}" + V4
        + "|::(?:" + H + ":){0,5}" + V4 + "|" + H + "::(?:" + H + ":){0,4}" + V4 + "|" + H + ":" + H + "::(?:" + H + ":){0,3}" + V4
        + "|(?:" + H + ":){2}" + H + "::(?:" + H + ":){0,2}" + V4 + "|(?:" + H + ":){3}" + H + "::(?:" + H + ":)?" + V4 + "|(?:" + H + ":){4}" + H + "::" + V4
        + "|(?:" + H + ":){1,7}:|(?:" + H + ":){1,6}:" + H + "|(?:" + H + ":){1,5}(?::" + H + "){1,2}|(?:" + H + ":){1,4}(?::" + H + "){1,3}"
        + "|(?:" + H + ":){1,3}(?::" + H + "){1,4}|(?:" + H + ":){1,2}(?::" + H + "){1,5}|" + H + ":(?::" + H + "){1,6}|:(?:(?::" + H + "){1,7}|:))";

    private const string Label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    private const string HostName = Label + "(?:\\." + Label + ")*";
    private const string Atom = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
    private const string Thirty = "(?:0[1-9]|[12][0-9]|30)";

    // The 29th of February is there in years that 4 divides, save hundreds that 400 does not.
    private const string Leap = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    private const string Date = "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:" + Thirty + "|31)|(?:0[469]|11)-" + Thirty
        + "|02-(?:0[1-9]|1[0-9]|2[0-8]))|" + Leap + "-02-29)";

    private const string Zone = "(?:[zZ]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
    private const string Time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?" + Zone;

    // A leap second is 23:59:60 of UTC; elsewhere it is refused, which allows one spelling too few and none too many.
    private const string LeapSecond = "23:59:60(?:\\.[0-9]+)?(?:[zZ]|[+-]00:00)";
    private const string TimeOfDay = "(?:" + Time + "|" + LeapSecond + ")";

    private const string Duration =
        "P(?:(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)(?:T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?"
        + "|T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)|[0-9]+W)";

    private const string Char = "(?:[a-zA-Z0-9._~!$&'()*+,;=:@-]|%[0-9a-fA-F]{2})";
    private const string Authority = "(?:(?:[a-zA-Z0-9._~!$&'()*+,;=:-]|%[0-9a-fA-F]{2})*@)?(?:\\[(?:" + V6 + "|v[0-9a-fA-F]+\\.[a-zA-Z0-9._~!$&'()*+,;=:-]+)\\]|"
        + "(?:[a-zA-Z0-9._~!$&'()*+,;=-]|%[0-9a-fA-F]{2})*)(?::[0-9]*)?";

    private const string Tail = "(?:\\?(?:" + Char + "|[/?])*)?(?:#(?:" + Char + "|[/?])*)?";
    private const string Hierarchy = "(?://" + Authority + "(?:/" + Char + "*)*|/(?:" + Char + "+(?:/" + Char + "*)*)?|" + Char + "+(?:/" + Char + "*)*)?";
    private const string Address = "[a-zA-Z][a-zA-Z0-9+.-]*:" + Hierarchy + Tail;
    private const string Segment = "(?:[a-zA-Z0-9._~!$&'()*+,;=@-]|%[0-9a-fA-F]{2})";
    private const string Relative = "(?://" + Authority + "(?:/" + Char + "*)*|/(?:" + Char + "+(?:/" + Char + "*)*)?|" + Segment + "+(?:/" + Char + "*)*)?" + Tail;

    private static readonly Dictionary<string, string> Patterns = new(StringComparer.Ordinal)
    {
        ["date"] = Date,
        ["time"] = TimeOfDay,
        ["date-time"] = Date + "[tT]" + TimeOfDay,
        ["duration"] = Duration,
        ["email"] = "(?:" + Atom + "(?:\\." + Atom + ")*|\"(?:[ !#-\\[\\]-~]|\\\\[ -~])*\")@(?:" + HostName + "|\\[(?:" + V4 + "|IPv6:" + V6 + ")\\])",
        ["hostname"] = HostName,
        ["ipv4"] = V4,
        ["ipv6"] = V6,
        ["uuid"] = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        ["uri"] = Address,
        ["uri-reference"] = "(?:" + Address + "|" + Relative + ")",
        ["json-pointer"] = "(?:/(?:[^~/]|~[01])*)*",
        ["relative-json-pointer"] = "(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~[01])*)*)",
    };

    private static readonly Dictionary<string, Lazy<TextRule>> Rules = Patterns
        .Select(pair => (pair.Key, Pattern: pair.Value, Most: pair.Key == "hostname" ? 253 : int.MaxValue))
        .ToDictionary(one => one.Key, one => new Lazy<TextRule>(() => new TextRule(Language.Of(ExpressionParser.Parse(one.Pattern), whole: true), 0, one.Most)), StringComparer.Ordinal);

    /// <summary>The formats that are enforced.</summary>
    public static IEnumerable<string> Known => Patterns.Keys.Order(StringComparer.Ordinal);

    /// <summary>The texts of a format, or null where it is not one of these.</summary>
    public static TextRule? Find(string name) => Rules.GetValueOrDefault(name)?.Value;
}
