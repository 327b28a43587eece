using System.Text;
using System.Text.Json.Nodes;
using Causerie.Text.Templates;

namespace Causerie.Text.Tests.Templates;

/// <summary>Hostile templates: each limit is met with its own error, and nothing reaches outside.</summary>
public sealed class SandboxTests
{
    private static readonly TemplateLimits Small = new()
    {
        Output = 10_000,
        Text = 100_000,
        Iterations = 1_000,
        Steps = 100_000,
        Items = 5_000,
    };

    public static TheoryData<string, string> Hostile => new()
    {
        { "{% for a in range(100) %}{% for b in range(100) %}{% endfor %}{% endfor %}", "loops run more than" },
        { "{% for a in range(900) %}{{ range(900)|list|length }}{% endfor %}", "more work than" },
        { "{% for a in range(900) %}0123456789abcdef{% endfor %}", "output is longer" },
        { "{% for a in range(900) %}{% set x = 'abcdefgh' * 100 %}{% endfor %}", "characters of text" },
        { "{% set s = 'é' * 9000 %}{% for a in range(900) %}{{ s|length }}{% endfor %}", "more work than" },
        { "{% set s = 'é' * 9000 %}{% for a in range(900) %}{{ s.isalpha() }}{% endfor %}", "more work than" },
        { "{% set s = 'é' * 9000 %}{% for a in range(900) %}{{ s[-1] }}{% endfor %}", "more work than" },
        { "{% set s = 'é' * 9000 %}{% set d = {s: 1} %}{% for a in range(900) %}{{ d[s] }}{% endfor %}", "more work than" },
        { "{% for a in range(900) %}{{ '%.9000f' % 1 }}{% endfor %}", "more work than" },
        { "{{ 'a' * 1000000000 }}", "longer than the limit" },
        { "{{ [0] * 1000000000 }}", "longer than the limit" },
        { "{{ (1,) * 1000000000000 }}", "longer than the limit" },
        { "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "limit" },
        { "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "limit" },
        { "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s|replace('a','aa') %}{% endfor %}", "limit" },
        { "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s.join([ns.s, ns.s, '']) %}{% endfor %}", "limit" },
        { "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = '%s%s' % (ns.s, ns.s) %}{% endfor %}", "limit" },
        { "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = '{0}{0}'.format(ns.s) %}{% endfor %}", "limit" },
        { "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}", "limit" },
        { "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }}", "limit" },
        { "{% set ns = namespace(s=[1],t=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}", "more work" },
        { "{% set ns = namespace(s=(1,)) %}{% for i in range(60) %}{% set ns.s = (ns.s, ns.s) %}{% endfor %}{{ {ns.s: 1} }}", "unhashable" },
        { "{% set ns = namespace(s=[1]) %}{% for i in range(900) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}", "nest deeper" },
        { "{% set ns = namespace(s=[1]) %}{% for i in range(900) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s|tojson }}", "nest deeper" },
        { "{% set ns = namespace() %}{% set ns.ns = ns %}{{ ns }}", "nest deeper" },
        { "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nest deeper" },
        { "{% macro f(n) %}{{ caller() }}{% call f(n) %}x{% endcall %}{% endmacro %}{% call f(1) %}x{% endcall %}", "nest deeper" },
        { "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "nest deeper" },
        { "{{ range(1000000) }}", "MAX_RANGE" },
        { "{{ range(-9223372036854775807, 9223372036854775807) }}", "MAX_RANGE" },
        { "{{ 'a'|center(1000000000) }}", "wider than the limit" },
        { "{{ 'a'.ljust(1000000000) }}", "wider than the limit" },
        { "{{ 'a'.zfill(1000000000) }}", "wider than the limit" },
        { "{{ '\t'.expandtabs(1000000000) }}", "wider than the limit" },
        { "{{ 'a\nb'|indent(1000000000) }}", "wider than the limit" },
        { "{{ [1]|tojson(indent=1000000000) }}", "wider than the limit" },
        { "{{ '%1000000000d' % 1 }}", "wider than the limit" },
        { "{{ '%.1000000000f' % 1 }}", "wider than the limit" },
        { "{{ '%*d' % (1000000000, 1) }}", "wider than the limit" },
        { "{{ '{:1000000000}'.format(1) }}", "wider than the limit" },
        { "{{ '{:.1000000000f}'.format(1.0) }}", "wider than the limit" },
        { "{{ 9223372036854775807 + 1 }}", "integer overflow" },
        { "{{ 9223372036854775807 * 9223372036854775807 }}", "integer overflow" },
        { "{{ 10 ** 30 }}", "integer overflow" },
        { "{{ -(-9223372036854775807 - 1) }}", "integer overflow" },
        { "{{ 99999999999999999999 }}", "integer overflow" },
        { "{{ '99999999999999999999'|int }}", "integer overflow" },
        { "{{ 1e300|int }}", "integer overflow" },
        { "{{ ''.__class__.__mro__ }}", "unsafe" },
        { "{{ ''['__class__']() }}", "unsafe" },
        { "{{ [].append(1) }}", "unsafe" },
        { "{{ {}.update({}) }}", "unsafe" },
        { "{{ ('{0.__class__.x}').format('') }}", "unsafe" },
        { "{% include 'x' %}", "'include' is not supported" },
        { "{% import 'x' as y %}", "'import' is not supported" },
        { "{% from 'x' import y %}", "'from' is not supported" },
        { "{% extends 'x' %}", "'extends' is not supported" },
        { "{% block x %}{% endblock %}", "'block' is not supported" },
        { "{{ [1]|random }}", "'random' is not supported" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_template_meets_an_error_that_says_which_limit(string source, string message)
    {
        var error = Assert.Throws<TemplateException>(() => Render(source, Small));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.True(error.Line >= 1 && error.Column >= 1, error.Message);
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "", "]")]
    [InlineData("{1:", "1", "}")]
    [InlineData("-", "1", "")]
    [InlineData("not ", "1", "")]
    [InlineData("a(", "", ")")]
    [InlineData("a[", "1", "]")]
    [InlineData("1 if ", "1", " else 1")]
    [InlineData("1 if 1 else ", "1", "")]
    [InlineData("1|default(", "1", ")")]
    [InlineData("1 is eq(", "1", ")")]
    [InlineData("", "a", ".a")]
    [InlineData("", "a", "[0]")]
    [InlineData("", "a", "()")]
    [InlineData("", "a", "|trim")]
    public void Deep_expressions_are_refused_before_they_cost_the_stack(string open, string middle, string close)
    {
        string source = "{{ " + Repeat(open, 10_000) + middle + Repeat(close, 10_000) + " }}";
        OnSmallStack(() => Assert.Contains(
            "nests deeper", Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source)).Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{% if 1 %}", "{% endif %}")]
    [InlineData("{% for x in y %}", "{% endfor %}")]
    [InlineData("{% macro x() %}", "{% endmacro %}")]
    [InlineData("{% filter trim %}", "{% endfilter %}")]
    [InlineData("{% set x %}", "{% endset %}")]
    [InlineData("{% with %}", "{% endwith %}")]
    [InlineData("{% call x() %}", "{% endcall %}")]
    public void Deep_blocks_are_refused_before_they_cost_the_stack(string open, string close)
    {
        string source = Repeat(open, 10_000) + Repeat(close, 10_000);
        OnSmallStack(() => Assert.Contains(
            "nests deeper", Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Long_but_flat_templates_are_fine()
    {
        Assert.Equal("10000", Render("{{ 0" + Repeat(" + 1", 10_000) + " }}"));
        Assert.Equal("1", Render("{{ 0" + Repeat(" or 0", 10_000) + " or 1 }}"));
        Assert.Equal("x", Render("{% if 0 %}" + Repeat("{% elif 0 %}", 10_000) + "{% else %}x{% endif %}"));
        Assert.Equal(20_000, Render("{{ 'a'" + Repeat(" ~ 'b'", 19_999) + " }}").Length);
    }

    [Fact]
    public void Filters_wrapped_in_filters_without_end_do_not_cost_the_stack()
    {
        const string source = "{% set ns = namespace(g=[1]) %}{% for i in range(99999) %}"
            + "{% set ns.g = ns.g|map('string') %}{% endfor %}{{ ns.g|list }}";
        OnSmallStack(() => Assert.Throws<TemplateException>(() => Render(source)));
    }

    [Fact]
    public void Deep_recursion_within_the_limit_fits_on_a_small_stack()
    {
        const string source = "{% macro f(n) %}{% if n %}{% for i in [1] %}{{ ((f(n - 1)))|trim ~ 'x' }}{% endfor %}{% endif %}{% endmacro %}{{ f(150) }}";
        OnSmallStack(() => Assert.Equal(150, Render(source).Length), 1 << 20);
    }

    [Fact]
    public void Variables_that_are_too_deep_or_too_large_are_refused()
    {
        JsonNode deep = new JsonArray();
        for (int i = 0; i < 5_000; i++)
            deep = new JsonArray(deep);
        OnSmallStack(() => Assert.Contains(
            "nest deeper",
            Assert.Throws<TemplateException>(() => ChatTemplate.Parse("{{ x }}").Render(new JsonObject { ["x"] = deep }, default)).Message,
            StringComparison.Ordinal));
        var large = JsonNode.Parse("{\"x\": 123456789012345678901234567890}")!.AsObject();
        Assert.Contains(
            "integer overflow",
            Assert.Throws<TemplateException>(() => ChatTemplate.Parse("{{ x }}").Render(large, default)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Long_texts_are_wrapped_and_unescaped_in_linear_time()
    {
        // Quadratic, each of these takes minutes.
        Assert.Equal("1999999", Render("{{ ('a' * 1000000)|wordwrap(1)|length }}"));
        Assert.Equal("2000000", Render("{{ ('&' * 2000000)|striptags|length }}"));
    }

    [Fact]
    public void A_source_past_its_limit_is_refused() => Assert.Contains(
        "more than the limit",
        Assert.Throws<TemplateException>(() => ChatTemplate.Parse(new string('x', (1 << 20) + 1))).Message,
        StringComparison.Ordinal);

    private static string Render(string source, TemplateLimits? limits = null) =>
        ChatTemplate.Parse(source, new TemplateOptions { Limits = limits ?? TemplateLimits.Default }).Render([], default);

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static void OnSmallStack(Action action, int size = 384 * 1024)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            size);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
