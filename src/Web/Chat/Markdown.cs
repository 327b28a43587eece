using System.Collections.Immutable;
using System.Text;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components;

namespace Causerie.Web.Chat;

/// <summary>Turns a model's Markdown into HTML that runs, loads and posts nothing: the one maker of markup here.</summary>
/// <remarks>
/// Every node that Markdig can make is written by a renderer of a fixed list; text is always encoded, raw HTML is text,
/// pictures are links, and links lead to http, https or mailto only. <c>docs/web-chat.md</c> lists tags and attributes.
/// </remarks>
public static class Markdown
{
    // Emphasis beyond this depth is read by no one, and the parser's own limit is an exception.
    private const int DeepestNesting = 100;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .UseAutoLinks()
        .UseTaskLists()
        .Build();

    /// <summary>One piece of HTML for each block of the text, so that a page can keep those that did not change.</summary>
    /// <param name="text">Markdown, perhaps unfinished: an open code fence runs to the end.</param>
    /// <param name="labels">The words on the buttons of code blocks.</param>
    public static ImmutableArray<SafeHtml> Blocks(string text, CodeLabels labels)
    {
        // Not a character that an HTML page may hold.
        text = text.Replace('\0', '\uFFFD');
        MarkdownDocument document;
        try
        {
            document = Markdig.Markdown.Parse(text, Pipeline);
        }
        catch (ArgumentException)
        {
            return [PlainText(text)];
        }

        var blocks = ImmutableArray.CreateBuilder<SafeHtml>(document.Count);
        foreach (var block in document)
        {
            if (block is LinkReferenceDefinitionGroup)
                continue;
            blocks.Add(Strip(block) > DeepestNesting
                ? PlainText(text[Math.Max(block.Span.Start, 0)..Math.Min(block.Span.End + 1, text.Length)])
                : new SafeHtml(Render(block, labels)));
        }

        return blocks.ToImmutable();
    }

    /// <summary>What a thinking model wrote before its answer, folded away; open while it still thinks.</summary>
    internal static SafeHtml Thought(string text, string title, bool open, CodeLabels labels)
    {
        var html = new StringBuilder(open ? "<details class=\"thought\" open>" : "<details class=\"thought\">")
            .Append("<summary>").Append(SafeHtml.Encode(title)).Append("</summary>");
        foreach (var block in Blocks(text, labels))
            html.Append("<div class=\"b\">").Append(block.Html).Append("</div>");
        return new SafeHtml(html.Append("</details>").ToString());
    }

    private static SafeHtml PlainText(string text) => new($"<p class=\"plain\">{SafeHtml.Encode(text)}</p>");

    private static string Render(Block block, CodeLabels labels)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var html = new HtmlRenderer(output);
        html.ObjectRenderers.Clear();
        html.ObjectRenderers.AddRange(
        [
            new CodeBlocks(labels),
            new ListRenderer(),
            new HeadingRenderer(),
            new ParagraphRenderer(),
            new QuoteBlockRenderer(),
            new ThematicBreakRenderer(),
            new Tables(),
            new Tasks(),
            new Links(),
            new Autolinks(),
            new CodeInlineRenderer(),
            new DelimiterInlineRenderer(),
            new Emphasis(),
            new LineBreakInlineRenderer(),
            new HtmlEntityInlineRenderer(),
            new LiteralInlineRenderer(),
            new Containers(),
            new Unknown(),
        ]);
        html.Render(block);
        return output.ToString();
    }

    /// <summary>Takes off whatever attributes the parser hung on nodes; returns how deep they are nested.</summary>
    private static int Strip(MarkdownObject root)
    {
        int deepest = 0;
        var open = new Stack<(MarkdownObject Node, int Depth)>([(root, 1)]);
        while (open.TryPop(out var at))
        {
            deepest = Math.Max(deepest, at.Depth);
            at.Node.RemoveData(typeof(HtmlAttributes));
            if (at.Node is LeafBlock { Inline: { } inline })
                open.Push((inline, at.Depth + 1));
            var children = at.Node switch
            {
                ContainerBlock blocks => blocks.Cast<MarkdownObject>(),
                ContainerInline inlines => inlines,
                _ => [],
            };
            foreach (var child in children)
                open.Push((child, at.Depth + 1));
        }

        return deepest;
    }

    private static bool IsSafe(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeMailto)
        // What the parser of .NET forgives (spaces, control characters) is not for us to forgive.
        && !url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c == '\\');

    private static void WriteLink(HtmlRenderer html, string? url, Action text)
    {
        // A relative address would lead to this server; a model has no business there.
        if (!IsSafe(url))
        {
            text();
            return;
        }

        html.Write("<a href=\"").Write(SafeHtml.Encode(url!))
            .Write("\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">");
        text();
        html.Write("</a>");
    }

    private sealed class Links : HtmlObjectRenderer<LinkInline>
    {
        protected override void Write(HtmlRenderer renderer, LinkInline obj) => WriteLink(
            renderer, obj.GetDynamicUrl?.Invoke() ?? obj.Url, () =>
            {
                if (obj.FirstChild is null)
                    renderer.WriteEscape(obj.Url);
                else
                    renderer.WriteChildren(obj);
            });
    }

    private sealed class Autolinks : HtmlObjectRenderer<AutolinkInline>
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline obj) => WriteLink(
            renderer, obj.IsEmail ? "mailto:" + obj.Url : obj.Url, () => renderer.WriteEscape(obj.Url));
    }

    private sealed class Emphasis : HtmlObjectRenderer<EmphasisInline>
    {
        protected override void Write(HtmlRenderer renderer, EmphasisInline obj)
        {
            string tag = obj.DelimiterChar == '~' ? "del" : obj.DelimiterCount > 1 ? "strong" : "em";
            renderer.Write("<").Write(tag).Write(">");
            renderer.WriteChildren(obj);
            renderer.Write("</").Write(tag).Write(">");
        }
    }

    /// <summary>Columns are aligned by class: our pages allow no style attribute.</summary>
    private sealed class Tables : HtmlObjectRenderer<Table>
    {
        protected override void Write(HtmlRenderer renderer, Table obj)
        {
            renderer.Write("<div class=\"table\" tabindex=\"0\"><table>");
            foreach (var row in obj.OfType<TableRow>())
            {
                renderer.Write("<tr>");
                for (int i = 0; i < row.Count; i++)
                {
                    int column = ((TableCell)row[i]).ColumnIndex is >= 0 and int own ? own : i;
                    var align = column < obj.ColumnDefinitions.Count ? obj.ColumnDefinitions[column].Alignment : null;
                    string tag = row.IsHeader ? "th" : "td";
                    renderer.Write("<").Write(tag).Write(align switch
                    {
                        TableColumnAlign.Center => " class=\"center\">",
                        TableColumnAlign.Right => " class=\"right\">",
                        _ => ">",
                    });
                    bool loose = renderer.ImplicitParagraph;
                    renderer.ImplicitParagraph = true;
                    renderer.Write(row[i]);
                    renderer.ImplicitParagraph = loose;
                    renderer.Write("</").Write(tag).Write(">");
                }

                renderer.Write("</tr>");
            }

            renderer.Write("</table></div>");
        }
    }

    private sealed class Tasks : HtmlObjectRenderer<TaskList>
    {
        protected override void Write(HtmlRenderer renderer, TaskList obj) => renderer.Write(obj.Checked ? "☑" : "☐");
    }

    private sealed class CodeBlocks(CodeLabels labels) : HtmlObjectRenderer<CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock obj)
        {
            string language = obj is FencedCodeBlock { Info: { Length: > 0 } info } ? info : "";
            var code = new StringBuilder();
            for (int i = 0; i < obj.Lines.Count; i++)
                code.Append(obj.Lines.Lines[i].Slice.AsSpan()).Append('\n');
            renderer.Write("<div class=\"code\"><div class=\"code-head\"><span>")
                .Write(SafeHtml.Encode(language.Length > 40 ? language[..40] + "…" : language))
                .Write("</span><button type=\"button\" data-do=\"copy-code\">").Write(SafeHtml.Encode(labels.Copy))
                .Write("</button></div><pre tabindex=\"0\"><code>");
            foreach (var (text, kind) in CodeColours.Split(code.ToString(), language))
            {
                if (kind is null)
                    renderer.Write(SafeHtml.Encode(text));
                else
                {
                    renderer.Write("<span class=\"").Write(kind).Write("\">").Write(SafeHtml.Encode(text))
                        .Write("</span>");
                }
            }

            renderer.Write("</code></pre></div>");
        }
    }

    private sealed class Containers : HtmlObjectRenderer<ContainerInline>
    {
        protected override void Write(HtmlRenderer renderer, ContainerInline obj) => renderer.WriteChildren(obj);
    }

    /// <summary>What no renderer above knows, raw HTML among it, is shown as the text that it is.</summary>
    private sealed class Unknown : HtmlObjectRenderer<MarkdownObject>
    {
        protected override void Write(HtmlRenderer renderer, MarkdownObject obj)
        {
            switch (obj)
            {
                case HtmlInline inline:
                    renderer.WriteEscape(inline.Tag);
                    break;
                case LeafBlock leaf:
                    renderer.WriteLeafRawLines(leaf, true, true);
                    break;
                case ContainerBlock container:
                    renderer.WriteChildren(container);
                    break;
                default:
                    renderer.WriteEscape(obj.ToString());
                    break;
            }
        }
    }
}

/// <summary>The words on the buttons of code blocks, in the reader's language.</summary>
public sealed record CodeLabels(string Copy);

/// <summary>HTML that only <see cref="Markdown"/> can make, so that nothing else can put markup on the page.</summary>
public readonly record struct SafeHtml
{
    internal SafeHtml(string html) => Html = html;

    /// <summary>The HTML.</summary>
    public string Html { get; }

#pragma warning disable RS0030 // This file is the one place that may.
    /// <summary>The HTML for a component to show.</summary>
    public MarkupString Markup => new(Html);
#pragma warning restore RS0030

    internal static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            _ = c switch
            {
                '&' => encoded.Append("&amp;"),
                '<' => encoded.Append("&lt;"),
                '>' => encoded.Append("&gt;"),
                '"' => encoded.Append("&quot;"),
                '\'' => encoded.Append("&#39;"),
                _ => encoded.Append(c),
            };
        }

        return encoded.ToString();
    }
}
