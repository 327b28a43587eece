using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Causerie.Web.State;

/// <summary>How the one who looks wants the page: a choice kept in a cookie, else what the browser says.</summary>
/// <param name="Words">The language.</param>
/// <param name="Theme"><c>light</c>, <c>dark</c>, or empty to follow the system.</param>
public sealed record Visitor(Words Words, string Theme)
{
    internal const string LanguageCookie = "causerie-language";
    internal const string ThemeCookie = "causerie-theme";

    /// <summary>The languages that the page speaks.</summary>
    public static IReadOnlyList<Words> Languages { get; } = [English.Words, French.Words];

    internal static Visitor Of(HttpRequest request) => new(
        Speaking(request.Cookies[LanguageCookie]) ?? Wanted(request.GetTypedHeaders().AcceptLanguage),
        request.Cookies[ThemeCookie] is ("light" or "dark") and var theme ? theme : "");

    private static Words Wanted(IEnumerable<StringWithQualityHeaderValue> wanted) => wanted
        .Where(l => l.Quality is not 0)
        .OrderByDescending(l => l.Quality ?? 1)
        .Select(l => Speaking(l.Value.Value?.Split('-')[0]))
        .FirstOrDefault(w => w is not null) ?? English.Words;

    private static Words? Speaking(string? language) =>
        Languages.FirstOrDefault(w => w.Language.Equals(language, StringComparison.OrdinalIgnoreCase));
}
