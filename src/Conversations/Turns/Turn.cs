using System.Diagnostics.CodeAnalysis;
using System.Text;
using Causerie.Chat;
using Causerie.Conversations.Storage;

namespace Causerie.Conversations.Turns;

/// <summary>One answer while it is being written, whether or not a page looks on.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "RunAsync disposes the timer; a cancellation without a deadline holds nothing to dispose.")]
public sealed class Turn
{
    private readonly Sqlite _storage;
    private readonly TimeProvider _time;
    private readonly TurnOptions _options;
    private readonly Message _message;
    private readonly CancellationTokenSource _cancel = new();

    // Guards all below; never held while the disk works.
    private readonly Lock _gate = new();
    private readonly StringBuilder _text;
    private TaskCompletionSource _changed = NewSignal();
    private ITimer? _timer;
    private long _version;
    private bool _unsaved;
    private bool _saving;
    private bool _ended;
    private bool _shuttingDown;
    private ChatProgress? _progress;
    private bool _thinking;
    private int _pieces;
    private long _firstPiece;
    private long _lastPiece;

    internal Turn(Sqlite storage, TimeProvider time, TurnOptions options, Message message)
    {
        _storage = storage;
        _time = time;
        _options = options;
        _message = message;
        _text = new StringBuilder(message.Text);
    }

    /// <summary>The message that is being written.</summary>
    public long Message => _message.Id;

    /// <summary>Ends when the answer has ended and is on disk.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>The answer as it stands.</summary>
    public TurnView View()
    {
        lock (_gate)
        {
            var elapsed = _time.GetElapsedTime(_firstPiece, _lastPiece);
            return new TurnView(_version, _message.Conversation, _message.Id, _text.ToString())
            {
                PromptTokensDone = _progress?.PromptTokensDone,
                PromptTokens = _progress?.PromptTokens,
                TokensPerSecond = _pieces > 1 && elapsed > TimeSpan.Zero ? (_pieces - 1) / elapsed.TotalSeconds : null,
                Ended = _ended,
            };
        }
    }

    /// <summary>The next view later than <paramref name="seen"/>: at once, or when there is one.</summary>
    public async Task<TurnView> NextAsync(long seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
                changed = _changed.Task;
            var view = View();
            if (view.Version > seen || view.Ended)
                return view;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the answer where it is; what was written stays.</summary>
    public void Stop() => _cancel.Cancel();

    internal void Start(IChatModel model, Func<ChatRequest> request, Action ended) =>
        Completion = Task.Run(() => RunAsync(model, request, ended));

    /// <summary>Ends it as the end of the program does: the answer is marked as interrupted.</summary>
    internal void ShutDown()
    {
        lock (_gate)
            _shuttingDown = true;
        Stop();
    }

    private async Task RunAsync(IChatModel model, Func<ChatRequest> request, Action ended)
    {
        var end = _message with { State = MessageState.Stopped, Failure = null };
        _timer = _time.CreateTimer(_ => Save(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            bool finished = false;
            await foreach (var e in model.StreamAsync(request(), _cancel.Token).WithCancellation(_cancel.Token))
            {
                switch (e)
                {
                    case ChatStarted started:
                        end = end with { Model = started.Model };
                        break;
                    case ChatProgress progress:
                        Change(() => _progress = progress);
                        break;
                    case ChatThinking thought:
                        Change(() => Think(thought.Text));
                        break;
                    case ChatText piece:
                        Change(() => Say(piece.Text));
                        break;
                    case ChatFinished done:
                        finished = true;
                        end = end with
                        {
                            State = done.Reason == FinishReason.Length ? MessageState.CutShort : MessageState.Complete,
                            Usage = done.Usage,
                        };
                        break;
                }
            }

            if (!finished)
                _cancel.Token.ThrowIfCancellationRequested();
            if (!finished)
                throw new ChatException(ChatErrorKind.Unavailable, "The model ended before its answer did.");
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            end = end with { State = _shuttingDown ? MessageState.Interrupted : MessageState.Stopped };
        }
        catch (ChatException e)
        {
            end = end with { State = MessageState.Failed, Failure = new Failure(e.Kind, e.Message) };
        }
#pragma warning disable CA1031 // Whatever a model throws, the person who waits must see it, and the house must stand.
        catch (Exception e)
#pragma warning restore CA1031
        {
            end = end with
            {
                State = MessageState.Failed,
                Failure = new Failure(ChatErrorKind.Internal, $"{e.GetType().Name}: {e.Message}"),
            };
        }

        await EndAsync(end, ended);
    }

    private async Task EndAsync(Message end, Action ended)
    {
        await _timer!.DisposeAsync();
        try
        {
            lock (_gate)
            {
                _unsaved = false;
                end = end with { Text = _text.ToString() };
            }

            _storage.Finish(end);
        }
        catch (StorageException)
        {
            // The last save stands; the next start marks the answer as interrupted. Pages are told all the same.
        }
        finally
        {
            ended();
            Change(() => _ended = true);
        }
    }

    // Messages keep thinking as models write it: the page folds it away.
    private void Think(string piece)
    {
        Append(_thinking ? piece : $"<think>\n{piece}");
        _thinking = true;
    }

    private void Say(string piece)
    {
        Append(_thinking ? $"\n</think>\n\n{piece}" : piece);
        _thinking = false;
    }

    private void Append(string piece)
    {
        _text.Append(piece);
        _lastPiece = _time.GetTimestamp();
        if (_pieces++ == 0)
            _firstPiece = _lastPiece;
        if (!_unsaved && !_saving)
            _timer!.Change(_options.SaveEvery, Timeout.InfiniteTimeSpan);
        _unsaved = true;
    }

    private void Save()
    {
        string text;
        lock (_gate)
        {
            if (!_unsaved || _saving)
                return;
            (_unsaved, _saving) = (false, true);
            text = _text.ToString();
        }

        try
        {
            _storage.SaveText(_message.Id, text);
        }
        catch (StorageException)
        {
            // A disk that is full now may not be at the end, where the whole text is written once more.
        }

        lock (_gate)
        {
            _saving = false;
            // What came while the disk worked waits its turn: saves never overtake each other.
            if (_unsaved)
                _timer!.Change(_options.SaveEvery, Timeout.InfiniteTimeSpan);
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            change();
            _version++;
            signal = _changed;
            _changed = NewSignal();
        }

        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
