using System.Text.Json.Nodes;
using Causerie.Chat;
using Causerie.Tests;
using Causerie.Text.Templates;

namespace Causerie.Text.Tests.Templates;

public sealed class ChatTemplateTests
{
    private const string NoSystem =
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        + "<{{ m.role }}>{{ m.content }}{% endfor %}";

    private const string DropsSystem =
        "{% for m in messages %}{% if m.role == 'user' %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}";

    private static readonly PromptVariables Conversation = new()
    {
        Messages =
        [
            new(ChatRole.System, "Be brief."),
            new(ChatRole.Developer, "In French."),
            new(ChatRole.User, "Hi") { Name = "Ann" },
            new(ChatRole.Assistant, "Salut"),
        ],
        BosToken = "<s>",
        EosToken = "</s>",
        AddGenerationPrompt = false,
    };

    [Theory]
    [InlineData("a\n{{ x", 2, 5)]
    [InlineData("a\nb{% foo %}", 2, 9)]
    [InlineData("{{ 1 }}\n\n  {{ 'a' + 1 }}", 3, 10)]
    [InlineData("{% for i in [1] %}\n{{ none.x.y }}{% endfor %}", 2, 10)]
    [InlineData("\r\n{{ raise_exception('no') }}", 2, 19)]
    public void An_error_says_where_it_is(string source, int line, int column)
    {
        var error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source).Render([], default));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.EndsWith($"(line {line}, column {column})", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("(line", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_get_the_names_that_the_template_knows()
    {
        const string source = "{% for m in messages %}<{{ m.role }}{{ ':' ~ m.name if m.name }}>{{ m.content }}{% endfor %}"
            + "{{ bos_token }}{{ eos_token }}{{ add_generation_prompt }}{{ tools is defined }}";
        Assert.Equal(
            "<system>Be brief.<system>In French.<user:Ann>Hi<assistant>Salut<s></s>FalseFalse",
            Conversation.Render(ChatTemplate.Parse(source), default));
        Assert.Equal(
            "<system>Be brief.<developer>In French.<user:Ann>Hi<assistant>Salut<s></s>FalseFalse",
            Conversation.Render(ChatTemplate.Parse(source + "{# knows the developer #}"), default));
    }

    [Theory]
    [InlineData(NoSystem, "<user>Be brief.\n\nIn French.\n\nHi<assistant>Salut")]
    [InlineData(DropsSystem, "<user>Be brief.\n\nIn French.\n\nHi")]
    public void Instructions_join_the_first_turn_where_the_system_role_is_not_taken(string source, string expected)
    {
        var template = ChatTemplate.Parse(source);
        Assert.False(template.TakesSystemRole);
        Assert.Equal(expected, Conversation.Render(template, default));
    }

    [Fact]
    public void Instructions_alone_become_a_turn_where_the_system_role_is_not_taken()
    {
        var alone = Conversation with { Messages = [new(ChatRole.System, "Speak."), new(ChatRole.Assistant, "Yes")] };
        Assert.Equal("<user>Speak.<assistant>Yes", alone.Render(ChatTemplate.Parse(NoSystem), default));
    }

    [Fact]
    public void A_template_that_always_raises_is_not_blamed_on_the_system_role() =>
        Assert.True(ChatTemplate.Parse("{{ raise_exception('never') }}").TakesSystemRole);

    [Fact]
    public void ChatMl_is_ChatMl() => Assert.Equal(
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
        new PromptVariables { Messages = [new(ChatRole.User, "Hi")] }.Render(ChatTemplate.ChatMl, default));

    [Fact]
    public void Numbers_made_by_programs_keep_their_kind()
    {
        var variables = new JsonObject { ["a"] = 1, ["b"] = 1.0, ["c"] = 2.5f, ["d"] = 7L, ["e"] = 1.5m };
        Assert.Equal("1 1.0 2.5 7 1.5", ChatTemplate.Parse("{{ a }} {{ b }} {{ c }} {{ d }} {{ e }}").Render(variables, default));
    }

    [Fact]
    public void Many_threads_share_one_template()
    {
        var template = ChatTemplate.Parse(
            "{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{% set ns = namespace(s='') %}"
            + "{% for i in range(50) %}{% set ns.s = ns.s ~ (x + i) ~ f(3) %}{% endfor %}{{ ns.s }}");
        string[] alone = [.. Enumerable.Range(0, 64).Select(i => template.Render(new JsonObject { ["x"] = i }, default))];
        var together = new string[64];
        Parallel.For(0, 64, i => together[i] = template.Render(new JsonObject { ["x"] = i }, default));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Rendering_leaves_the_variables_alone()
    {
        var variables = new JsonObject { ["x"] = new JsonArray(3, 1, 2) };
        var template = ChatTemplate.Parse(
            "{% set _ = x.append(4) %}{{ x }}", new TemplateOptions { AllowMutation = true });
        Assert.Equal("[3, 1, 2, 4]", template.Render(variables, default));
        Assert.Equal("[3, 1, 2, 4]", template.Render(variables, default));
        Assert.Equal("[3,1,2]", variables["x"]!.ToJsonString());
    }

    [Fact]
    public void Gemma_of_the_conformance_data_refuses_the_system_role_and_gets_it_merged()
    {
        string path = ConformanceData.Require("chat-templates/templates/google-gemma-2-2b-it.jinja");
        var template = ChatTemplate.Parse(File.ReadAllText(path));
        Assert.False(template.TakesSystemRole);
        string prompt = new PromptVariables
        {
            Messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "Hi")],
            BosToken = "<bos>",
        }.Render(template, default);
        Assert.Equal("<bos><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n", prompt);
    }
}
