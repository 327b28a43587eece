using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causerie.Chat;

namespace Causerie.Text.Templates;

/// <summary>What a chat template is given for one conversation.</summary>
/// <remarks>
/// <para>
/// Variables that are not set, such as tools, stay undefined rather than none: every template whose cases we hold
/// renders the same either way or raises on none alone.
/// </para>
/// <para>
/// Where the template refuses or drops the system role (<see cref="ChatTemplate.TakesSystemRole"/>), the instructions
/// at the beginning are put in front of the first user turn, an empty line between; later ones are left where they
/// are, and the template says what it thinks of them.
/// </para>
/// </remarks>
public sealed record PromptVariables
{
    /// <summary>The conversation, oldest first.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>The spelling of the vocabulary's BOS token; empty where it has none.</summary>
    public string BosToken { get; init; } = "";

    /// <summary>The spelling of the vocabulary's EOS token; empty where it has none.</summary>
    public string EosToken { get; init; } = "";

    /// <summary>What the model may call.</summary>
    public ImmutableArray<ChatTool> Tools { get; init; } = [];

    /// <summary>How long the model is to think; <c>none</c> asks it not to.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>Whether the prompt ends where the model's answer begins.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The variables as <paramref name="template"/> can take them.</summary>
    public JsonObject ToJson(ChatTemplate template)
    {
        bool knowsDeveloper = template.Source.Contains("developer", StringComparison.Ordinal);
        var messages = new JsonArray();
        foreach (var message in template.TakesSystemRole ? Messages : WithoutSystem(Messages))
        {
            var json = new JsonObject { ["role"] = Role(message.Role, knowsDeveloper), ["content"] = message.Text };
            if (message.Name is { } name)
                json["name"] = name;
            ToolTurns.Add(json, message, template);
            messages.Add(json);
        }

        var variables = new JsonObject
        {
            ["messages"] = messages,
            ["add_generation_prompt"] = AddGenerationPrompt,
            ["bos_token"] = BosToken,
            ["eos_token"] = EosToken,
        };
        if (Tools.Length > 0)
            variables["tools"] = ToolTurns.List(Tools);
        if (ReasoningEffort is not { } effort)
            return variables;
        variables["enable_thinking"] = effort != "none";
        if (effort != "none")
            variables["reasoning_effort"] = effort;
        return variables;
    }

    /// <summary>The prompt's text.</summary>
    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    public string Render(ChatTemplate template, DateTime now) => template.Render(ToJson(template), now);

    // Templates of before the developer's role was thought of refuse it or drop it.
    private static string Role(ChatRole role, bool knowsDeveloper) => role switch
    {
        ChatRole.System => "system",
        ChatRole.Developer => knowsDeveloper ? "developer" : "system",
        ChatRole.User => "user",
        ChatRole.Assistant => "assistant",
        ChatRole.Tool => "tool",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No template knows this role."),
    };

    private static ImmutableArray<ChatMessage> WithoutSystem(ImmutableArray<ChatMessage> messages)
    {
        int count = messages.TakeWhile(m => m.Role is ChatRole.System or ChatRole.Developer).Count();
        if (count == 0)
            return messages;
        string instructions = string.Join("\n\n", messages.Take(count).Select(m => m.Text));
        var rest = messages.RemoveRange(0, count);
        return rest is [{ Role: ChatRole.User } first, ..]
            ? rest.SetItem(0, first with { Text = $"{instructions}\n\n{first.Text}" })
            : rest.Insert(0, new ChatMessage(ChatRole.User, instructions));
    }
}
