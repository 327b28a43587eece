using Causerie.Chat;
using Causerie.Inference.Gguf;
using Causerie.Inference.Tests.Models;

namespace Causerie.Inference.Tests.Engines;

/// <summary>What a model file says of its prompts, rightly, wrongly or not at all.</summary>
public sealed class PromptFormatTests : IDisposable
{
    private const string Key = "tokenizer.chat_template";

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-prompts-").FullName;

    [Fact]
    public void A_model_without_a_template_gets_ChatML_and_says_so()
    {
        using var model = Load(RandomModel.Llama());
        Assert.Contains("ChatML", model.Prompts.Note, StringComparison.Ordinal);
        Assert.Equal(
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", model.Prompts.Render(Ask("Hi"), default));
    }

    [Fact]
    public void A_malformed_template_keeps_a_model_from_chatting_but_not_from_loading()
    {
        var broken = RandomModel.Llama();
        broken.Metadata[Key] = "{% for message in messages %}never ended";
        using var model = Load(broken);
        Assert.Null(model.Prompts.Template);
        Assert.Equal(ChatErrorKind.Unsupported, Refused(model, "Hi").Kind);
        Assert.Contains("malformed", Refused(model, "Hi").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_refuses_the_messages_is_heard()
    {
        var strict = RandomModel.Llama();
        strict.Metadata[Key] = "{{ raise_exception('Roles must alternate') }}";
        using var model = Load(strict);
        var error = Refused(model, "Hi");
        Assert.Equal(ChatErrorKind.InvalidRequest, error.Kind);
        Assert.Equal("messages", error.Field);
        Assert.Contains("Roles must alternate", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a</s>b")]
    [InlineData("</s>")]
    [InlineData("<s><s></s></s><s>")]
    [InlineData("</s</s>s>")]
    public void Typed_control_tokens_of_a_SentencePiece_model_stay_the_text_they_are(string text)
    {
        var plain = RandomModel.Llama();
        plain.Metadata[Key] =
            "{{ bos_token }}{% for message in messages %}{{ message.content }}{{ eos_token }}{% endfor %}";
        using var model = Load(plain);
        int[] ids = model.Prompts.Encode(Ask(text), default);
        Assert.Equal(1, ids[0]);
        Assert.Equal(2, ids[^1]);
        Assert.DoesNotContain(1, ids[1..^1]);
        Assert.DoesNotContain(2, ids[1..^1]);
        Assert.Equal(text, model.Tokenizer.Decode(ids.AsSpan()[1..^1]).TrimStart());
    }

    [Theory]
    [InlineData(true, "{{ messages[0].content }}", 1)] // BOS comes from the vocabulary
    [InlineData(true, "{{ bos_token }}{{ messages[0].content }}", 1)] // … or from the template, not from both
    [InlineData(false, "{{ messages[0].content }}", 0)]
    public void There_is_one_BOS_where_the_model_wants_one(bool addBos, string template, int expected)
    {
        var model = RandomModel.Llama();
        model.Metadata["tokenizer.ggml.add_bos_token"] = addBos;
        model.Metadata[Key] = template;
        using var loaded = Load(model);
        Assert.Equal(expected, loaded.Prompts.Encode(Ask("abc"), default).Count(id => id == 1));
    }

    [Fact]
    public void The_developer_is_the_system_where_the_template_does_not_know_him()
    {
        const string Shows = "{{ messages[0].role }}: {{ messages[0].content }}";
        foreach (string template in new[] { Shows, "{# developer #}" + Shows })
        {
            var model = RandomModel.Llama();
            model.Metadata[Key] = template;
            using var loaded = Load(model);
            var request = Ask("x") with { Messages = [new ChatMessage(ChatRole.Developer, "x")] };
            Assert.Equal(
                template.Contains("developer", StringComparison.Ordinal) ? "developer: x" : "system: x",
                loaded.Prompts.Render(request, default));
        }
    }

    [Fact]
    public void Instructions_join_the_first_question_where_the_template_refuses_the_system_role()
    {
        var model = RandomModel.Llama();
        model.Metadata[Key] =
            "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}{{ m.content }}{% endfor %}";
        using var loaded = Load(model);
        var request = Ask("x") with { Messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "Why?")] };
        Assert.Equal("Be brief.\n\nWhy?", loaded.Prompts.Render(request, default));
    }

    [Fact]
    public void Samplers_that_the_file_asks_for_and_do_not_exist_here_are_noted_by_key()
    {
        var model = RandomModel.Llama();
        model.Metadata["general.sampling.xtc_probability"] = 0.5f;
        using var loaded = Load(model);
        Assert.Contains(loaded.Notes, note => note.Contains("general.sampling.xtc_probability", StringComparison.Ordinal));
    }

    [Fact]
    public void A_vocabulary_of_another_size_than_the_embedding_is_refused()
    {
        var model = RandomModel.Llama();
        model.Metadata["tokenizer.ggml.tokens"] = ((string[])model.Metadata["tokenizer.ggml.tokens"])[..90];
        model.Metadata["tokenizer.ggml.scores"] = new float[90];
        model.Metadata["tokenizer.ggml.token_type"] = Enumerable.Repeat(1, 90).ToArray();
        var error = Assert.Throws<GgufException>(() => Load(model));
        Assert.Equal("tokenizer.ggml.tokens", error.Field);
        Assert.Contains("96", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ChatRequest Ask(string text) => new()
    {
        Model = "random",
        Messages = [new ChatMessage(ChatRole.User, text)],
    };

    private static ChatException Refused(LoadedModel model, string text) =>
        Assert.Throws<ChatException>(() => model.Prompts.Encode(Ask(text), default));

    private LoadedModel Load(RandomModel model) => LoadedModel.Load(model.Write(_folder));
}
