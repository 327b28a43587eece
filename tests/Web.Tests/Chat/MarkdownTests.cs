using Causerie.Web.Chat;

namespace Causerie.Tests;

public class MarkdownTests
{
    private static readonly CodeLabels Labels = new("Copy");

    [Theory]
    [InlineData("Hello *you* and **all**", "<p>Hello <em>you</em> and <strong>all</strong></p>")]
    [InlineData("~~gone~~", "<p><del>gone</del></p>")]
    [InlineData("# Title", "<h1>Title</h1>")]
    [InlineData("- [x] done\n- [ ] not", "<ul><li>☑ done</li><li>☐ not</li></ul>")]
    [InlineData("3. c\n4. d", "<ol start=\"3\"><li>c</li><li>d</li></ol>")]
    [InlineData("> said", "<blockquote><p>said</p></blockquote>")]
    [InlineData("a `b<i>` c", "<p>a <code>b&lt;i&gt;</code> c</p>")]
    [InlineData("one  \ntwo", "<p>one<br />two</p>")]
    [InlineData("---", "<hr />")]
    [InlineData("&amp; &copy; &lt;b&gt;", "<p>&amp; © &lt;b&gt;</p>")]
    public void Writes_what_it_knows(string text, string html) => Assert.Equal(html, Flat(Html(text)));

    [Fact]
    public void Links_open_elsewhere_and_tell_nothing() => Assert.Equal(
        "<p><a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">here</a></p>",
        Flat(Html("[here](https://example.org/a?b=1&c=2 \"title\")")));

    [Fact]
    public void Bare_addresses_are_links() => Assert.Contains(
        "<a href=\"https://example.org\" ", Html("See https://example.org."), StringComparison.Ordinal);

    [Fact]
    public void Pictures_are_links_to_them()
    {
        string html = Html("![a cat](https://example.org/cat.png)");
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Contains(">a cat</a>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_are_aligned_by_class()
    {
        string html = Flat(Html("| a | b | c |\n|---|:-:|--:|\n| 1 | 2 | 3 |"));
        Assert.Contains("<tr><th>a</th><th class=\"center\">b</th><th class=\"right\">c</th></tr>", html, StringComparison.Ordinal);
        Assert.Contains("<td class=\"right\">3</td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_keeps_its_letters_and_has_a_copy_button()
    {
        string html = Html("```python\nif x < \"</code>\":  # & so\n    return 1\n```");
        Assert.Contains("<span>python</span>", html, StringComparison.Ordinal);
        Assert.Contains("data-do=\"copy-code\">Copy</button>", html, StringComparison.Ordinal);
        Assert.Contains("<span class=\"k\">if</span> x &lt; <span class=\"s\">&quot;&lt;/code&gt;&quot;</span>", html, StringComparison.Ordinal);
        Assert.Contains("<span class=\"c\"># &amp; so</span>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unfinished_answer_is_whole_html_at_every_letter()
    {
        const string Text = "Intro *and* [a link](https://example.org)\n\n```js\nlet a = `1` + \"two\";\n```\n\n"
            + "| a | b |\n|---|--:|\n| 1 | **2** |\n\n1. one\n   - nested `code`\n2. two\n\n> quote\n\n- [x] task";
        for (int i = 0; i <= Text.Length; i++)
            Hostile.AssertHarmless(Html(Text[..i]));
    }

    [Fact]
    public void An_open_code_fence_runs_to_the_end() => Assert.Contains(
        "<pre tabindex=\"0\"><code>let a;\nlet *b*\n</code></pre>", Html("Look:\n\n```\nlet a;\nlet *b*"), StringComparison.Ordinal);

    [Fact]
    public void Earlier_blocks_stand_while_an_answer_grows()
    {
        const string Text = "First paragraph.\n\n## Head\n\n- a\n- b\n\n```\ncode\n```\n\nLast paragraph, longer than the others.";
        var whole = Markdown.Blocks(Text, Labels);
        int kept = 0;
        for (int i = 1; i < Text.Length; i++)
        {
            var now = Markdown.Blocks(Text[..i], Labels);
            for (int b = 0; b < now.Length - 1; b++)
            {
                Assert.Equal(whole[b], now[b]);
                kept++;
            }
        }

        Assert.True(kept > 100);
    }

    [Fact]
    public void Nesting_without_end_is_shown_as_text()
    {
        foreach (string text in (string[])[
            new string('>', 5000) + " x", string.Concat(Enumerable.Repeat("- ", 3000)) + "x", new string('*', 4000) + "x",
            new string('[', 5000) + "x", string.Concat(Enumerable.Repeat("*a **b ", 1000))])
        {
            Hostile.AssertHarmless(Html(text));
        }
    }

    [Fact]
    public void A_thought_is_folded_away_and_open_while_it_lasts()
    {
        var words = Causerie.Web.State.Visitor.Languages[0];
        Assert.Empty(Answer.Blocks("<thi", true, words));
        Assert.StartsWith("<details class=\"thought\" open>", Assert.Single(Answer.Blocks("<think>\nHm, <b>", true, words)).Html, StringComparison.Ordinal);
        var blocks = Answer.Blocks("<think>\nHm.\n</think>\n\nYes.", false, words);
        Assert.Equal(2, blocks.Length);
        Assert.StartsWith("<details class=\"thought\"><summary>Thoughts</summary>", blocks[0].Html, StringComparison.Ordinal);
        Assert.Equal("<p>Yes.</p>", Flat(blocks[1].Html));
        Assert.Equal("<p>Yes.</p>", Flat(Assert.Single(Answer.Blocks("<think>\n\n</think>\n\nYes.", false, words)).Html));
        Assert.Contains("&lt;b&gt;", Answer.Blocks("<think>\nHm, <b>", true, words)[0].Html, StringComparison.Ordinal);
    }

    internal static string Html(string text) => string.Concat(Markdown.Blocks(text, Labels).Select(b => b.Html));

    private static string Flat(string html) => html.Replace("\n", "", StringComparison.Ordinal);
}
