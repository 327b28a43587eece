using System.Collections.Immutable;
using Causerie.Chat;

namespace Causerie.Gateway.Dialects.OpenAi;

/// <summary>Turns the calls of custom tools among one answer's events: their pieces become those of the text that they are called with.</summary>
/// <param name="tools">What the model was offered.</param>
internal sealed class CustomCalls(ImmutableArray<ChatTool> tools)
{
    private readonly HashSet<int> _custom = [];
    private (int Index, CustomInputReader Input)? _open;

    /// <summary>Whether a call is of a custom tool.</summary>
    public static bool IsCustom(ImmutableArray<ChatTool> tools, string name) => tools.Any(tool => tool.IsCustom && tool.Name == name);

    /// <summary>Whether the call of that number is of a custom tool.</summary>
    public bool Has(int index) => _custom.Contains(index);

    /// <summary>What an event comes to.</summary>
    public IEnumerable<ChatEvent> Turn(ChatEvent chatEvent)
    {
        var call = chatEvent as ChatToolCall;
        if (_open is { } open && chatEvent is not ChatProgress && call?.Index != open.Index)
        {
            _open = null;
            if (open.Input.Finish() is { Length: > 0 } rest)
                yield return new ChatToolCall(open.Index, rest);
        }

        if (call?.Name is { } name && IsCustom(tools, name))
        {
            _custom.Add(call.Index);
            _open = (call.Index, new CustomInputReader());
        }

        if (call is null || _open is not { } its)
        {
            yield return chatEvent;
            yield break;
        }

        string input = its.Input.Push(call.Arguments);
        if (call.Name is not null || input.Length > 0)
            yield return call with { Arguments = input };
    }
}
