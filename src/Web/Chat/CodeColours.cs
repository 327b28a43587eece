using System.Collections.Frozen;

namespace Causerie.Web.Chat;

/// <summary>Tells comments, strings, numbers and keywords of a program apart, well enough to colour them.</summary>
/// <remarks>One scanner for all languages: what differs is the comment marks and which words are keywords.</remarks>
internal static class CodeColours
{
    private const int LongestColoured = 40_000;

    private static readonly FrozenSet<string> HashComments = FrozenSet.Create(
        "py", "python", "sh", "bash", "shell", "zsh", "console", "rb", "ruby", "yaml", "yml", "toml", "r", "perl", "make",
        "makefile", "dockerfile", "ini", "nix", "elixir", "julia", "powershell", "ps1");

    private static readonly FrozenSet<string> DashComments = FrozenSet.Create("sql", "lua", "haskell", "hs", "ada", "elm");

    private static readonly FrozenSet<string> NotCode = FrozenSet.Create(
        "", "text", "txt", "plain", "plaintext", "markdown", "md", "output");

    private static readonly FrozenSet<string> Keywords = (
        "abstract and as assert async await begin bool boolean break byte case catch char class const continue crate def "
        + "default defer del delegate do done double elif else elsif end enum esac event except export extends extern "
        + "extends false fi final finally float fn for foreach from func function get global go goto if impl implements "
        + "import in init int interface internal is lambda let local long loop match mod module move mut namespace new "
        + "nil none None nonlocal not null object of operator or out override package params pass private protected pub "
        + "public raise readonly record ref require return sealed select self set short sizeof static string struct "
        + "super switch then this throw trait True true False try type typedef typeof uint ulong undefined union unless "
        + "unsafe until use using val var virtual void volatile when where while with yield "
        + "SELECT FROM WHERE INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE INDEX PRIMARY KEY JOIN LEFT RIGHT INNER "
        + "OUTER ON GROUP BY ORDER LIMIT HAVING AND OR NOT NULL AS DISTINCT UNION ALL CASE WHEN THEN ELSE END WITH")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();

    /// <summary>The code in pieces; each with the class of its colour (c, s, n or k), or null.</summary>
    public static IEnumerable<(string Text, string? Kind)> Split(string code, string language)
    {
        language = language.ToLowerInvariant();
        if (NotCode.Contains(language) || code.Length > LongestColoured)
            return [(code, null)];
        return Scan(code, language);
    }

    private static IEnumerable<(string Text, string? Kind)> Scan(string code, string language)
    {
        int plain = 0;
        int i = 0;
        while (i < code.Length)
        {
            (int end, string? kind) = Token(code, i, language);
            if (kind is not null)
            {
                if (plain < i)
                    yield return (code[plain..i], null);
                yield return (code[i..end], kind);
                plain = end;
            }

            i = end;
        }

        if (plain < code.Length)
            yield return (code[plain..], null);
    }

    private static (int End, string? Kind) Token(string code, int i, string language)
    {
        char c = code[i];
        bool hash = HashComments.Contains(language);
        bool dash = DashComments.Contains(language);
        bool comment = hash
            ? c == '#' && (i == 0 || char.IsWhiteSpace(code[i - 1]))
            : At(code, i, dash ? "--" : "//");
        if (comment)
            return (LineEnd(code, i), "c");
        if (!hash && At(code, i, "/*"))
            return (After(code, i + 2, "*/"), "c");
        if (At(code, i, "<!--"))
            return (After(code, i + 4, "-->"), "c");
        if (c is '"' or '\'' or '`')
            return Quoted(code, i, language);
        if (char.IsAsciiDigit(c))
        {
            int end = i + 1;
            while (end < code.Length && (char.IsAsciiLetterOrDigit(code[end]) || code[end] is '_'
                || (code[end] == '.' && end + 1 < code.Length && char.IsAsciiDigit(code[end + 1]))))
                end++;
            return (end, "n");
        }

        if (!char.IsLetter(c) && c != '_')
            return (i + 1, null);
        int stop = i + 1;
        while (stop < code.Length && (char.IsLetterOrDigit(code[stop]) || code[stop] == '_'))
            stop++;
        return (stop, Keywords.Contains(code[i..stop]) ? "k" : null);
    }

    private static (int End, string? Kind) Quoted(string code, int i, string language)
    {
        char quote = code[i];
        string triple = new(quote, 3);
        if (At(code, i, triple))
            return (After(code, i + 3, triple), "s");
        // An apostrophe that no other one closes on its line: a lifetime of Rust, or French in a comment of markup.
        for (int end = i + 1; end < code.Length; end++)
        {
            if (code[end] == '\\')
                end++;
            else if (code[end] == quote)
                return (end + 1, "s");
            else if (code[end] == '\n' && quote != '`')
                break;
            else if (quote == '\'' && language is "rust" or "rs" && end > i + 2)
                break;
        }

        return (i + 1, null);
    }

    private static bool At(string code, int i, string mark) => code.AsSpan(i).StartsWith(mark, StringComparison.Ordinal);

    private static int LineEnd(string code, int i) => code.IndexOf('\n', i) is >= 0 and int end ? end : code.Length;

    private static int After(string code, int i, string mark) =>
        code.IndexOf(mark, i, StringComparison.Ordinal) is >= 0 and int at ? at + mark.Length : code.Length;
}
