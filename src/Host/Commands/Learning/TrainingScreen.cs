using System.Globalization;
using Causerie.Training;
using Causerie.Training.Recipes;

namespace Causerie.Host.Commands.Learning;

/// <summary>How far training is: one line that is drawn anew on a screen, a line now and then in a log.</summary>
/// <param name="terminal">Where it is written.</param>
/// <param name="recipe">How long it will take in all.</param>
internal sealed class TrainingScreen(Terminal terminal, Recipe recipe) : IDisposable
{
    private const double Smoothing = 0.95;
    private const int LogLines = 100;

    private readonly Loading.StatusLine _line = new(terminal);
    private long _start;
    private int _first;
    private long _tokens;
    private double _loss = double.NaN;
    private double _heldOut = double.NaN;

    /// <summary>The vocabulary comes first.</summary>
    public void Vocabulary(double part) => _line.Show("Training the vocabulary", part);

    /// <summary>Then the steps.</summary>
    /// <param name="trainer">Where it stands.</param>
    /// <param name="parameters">The model's size.</param>
    public void Begin(Trainer trainer, long parameters)
    {
        _line.Clear();
        _start = terminal.Time.GetTimestamp();
        _first = trainer.Step;
        string from = trainer.Step == 0 ? "" : $", from step {trainer.Step} on";
        terminal.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{recipe.Name}: {parameters:N0} parameters, {recipe.Steps:N0} steps of up to {recipe.BatchTokens * recipe.BatchesOfStep:N0} tokens{from}"));
    }

    /// <summary>After a step.</summary>
    public void Show(StepReport step)
    {
        _tokens += step.Tokens;
        _loss = double.IsNaN(_loss) ? step.Loss : (Smoothing * _loss) + ((1 - Smoothing) * step.Loss);
        double seconds = Math.Max(1e-3, terminal.Time.GetElapsedTime(_start).TotalSeconds);
        double left = seconds / (step.Step - _first) * (recipe.Steps - step.Step);
        string heldOut = double.IsNaN(_heldOut) ? "" : $", held out {_heldOut.ToString("0.000", CultureInfo.InvariantCulture)}";
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"step {step.Step} of {recipe.Steps}: loss {_loss:0.000}{heldOut}, {_tokens / seconds:N0} tokens/s, {Duration.Text(left * 1000)} left");
        if (!terminal.ErrorRedirected)
            _line.Show(text, (double)step.Step / recipe.Steps);
        else if (step.Step % Math.Max(1, recipe.Steps / LogLines) == 0 || step.Step == recipe.Steps)
            terminal.Error.WriteLine(text);
    }

    /// <summary>The loss on what training does not draw.</summary>
    public void HeldOut(double loss) => _heldOut = loss;

    /// <inheritdoc/>
    public void Dispose() => _line.Dispose();
}
