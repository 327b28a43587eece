using System.Globalization;
using System.Text;
using Causerie.Text.Parsers;

namespace Causerie.Text.Tests.Parsers;

/// <summary>What a parser made of an answer: the pieces of each part put together, in their order.</summary>
internal sealed class ReadAnswer
{
    private readonly StringBuilder _thinking = new();
    private readonly StringBuilder _content = new();
    private readonly List<(string Name, StringBuilder Arguments, string? Id)> _calls = [];
    private readonly StringBuilder _order = new();

    /// <summary>What it thinks.</summary>
    public string Thinking => _thinking.ToString();

    /// <summary>What it says.</summary>
    public string Content => _content.ToString();

    /// <summary>The calls that it makes.</summary>
    public IEnumerable<(string Name, string Arguments, string? Id)> Calls =>
        _calls.Select(call => (call.Name, call.Arguments.ToString(), call.Id));

    /// <summary>Calls that were begun before they were whole.</summary>
    public int Begun { get; private set; }

    /// <summary>Whether it ends within a call.</summary>
    public bool IsCut { get; private set; }

    /// <summary>All of it; the same wherever the answer was cut.</summary>
    public string All => string.Create(
        CultureInfo.InvariantCulture, $"{_order}\n{Thinking}\n{Content}\n{string.Join('\n', Calls.Select(call => $"{call.Name} {call.Id} {call.Arguments}"))}");

    /// <summary>Reads an answer that comes in pieces.</summary>
    public static ReadAnswer Of(AnswerParser parser, IEnumerable<string> pieces)
    {
        var answer = new ReadAnswer();
        var read = new List<AnswerPiece>();
        foreach (string piece in pieces)
            parser.Push(piece, read);
        parser.Finish(read);
        foreach (var piece in read)
            answer.Add(piece);
        return answer;
    }

    private void Add(AnswerPiece piece)
    {
        switch (piece)
        {
            case AnswerPiece.Thinking thought:
                _thinking.Append(thought.Text);
                Follow('t');
                break;
            case AnswerPiece.Content content:
                _content.Append(content.Text);
                Follow('c');
                break;
            case AnswerPiece.Call call:
                _calls.Add((call.Name, new StringBuilder(call.Arguments), call.Id));
                Begun += call.Arguments.Length == 0 ? 1 : 0;
                IsCut = !call.IsWhole;
                _order.Append(call.IsWhole ? "call. " : "call ");
                break;
            case AnswerPiece.More more:
                Assert.True(_order[^1] == ' ' && _order[^2] != '.', "a piece of no call");
                _calls[^1].Arguments.Append(more.Arguments);
                IsCut &= !more.IsLast;
                if (more.IsLast)
                    _order.Insert(_order.Length - 1, '.');
                break;
        }
    }

    private void Follow(char kind)
    {
        if (_order.Length == 0 || _order[^1] != kind)
            _order.Append(kind);
    }
}
