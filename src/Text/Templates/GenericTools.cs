using System.Collections.Immutable;
using System.Text;
using Causerie.Chat;

namespace Causerie.Text.Templates;

/// <summary>Tells a model of tools whose template has no place for them: in the instructions, calls in Hermes' form.</summary>
public static class GenericTools
{
    /// <summary>The conversation with the tools in its instructions, calls and results as text.</summary>
    public static ImmutableArray<ChatMessage> Tell(ImmutableArray<ChatMessage> messages, ImmutableArray<ChatTool> tools)
    {
        var told = messages.Select(Plain).ToImmutableArray();
        if (tools.Length == 0)
            return told;
        var text = new StringBuilder("You can call these functions, each a JSON object with its parameters as a schema:\n");
        foreach (var tool in ToolTurns.List(tools))
            text.Append(tool!["function"]!.ToJsonString()).Append('\n');
        text.Append("To call one, write nothing but <tool_call>\n{\"name\": \"its name\", \"arguments\": {…}}\n</tool_call>");
        return told is [{ Role: ChatRole.System or ChatRole.Developer } first, ..]
            ? told.SetItem(0, first with { Text = $"{first.Text}\n\n{text}" })
            : told.Insert(0, new ChatMessage(ChatRole.System, text.ToString()));
    }

    private static ChatMessage Plain(ChatMessage message)
    {
        if (message.Role == ChatRole.Tool)
            return new ChatMessage(ChatRole.User, $"<tool_response>\n{message.Text}\n</tool_response>");
        if (message.ToolCalls.Length == 0)
            return message;
        var text = new StringBuilder(message.Text);
        foreach (var call in message.ToolCalls)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append("<tool_call>\n{\"name\": \"").Append(call.Name)
                .Append("\", \"arguments\": ").Append(call.Arguments).Append("}\n</tool_call>");
        }
        return message with { Text = text.ToString(), ToolCalls = [] };
    }
}
