using System.CommandLine;
using Causerie.Host.Models;
using Causerie.Inference.Gguf;

namespace Causerie.Host.Commands;

/// <summary>MODEL: a path, or the name of a model in the data folder, for every command that works on one.</summary>
internal sealed class ModelArgument
{
    private readonly Argument<string> _model;

    /// <summary>Adds MODEL to <paramref name="command"/>.</summary>
    public ModelArgument(Command command, string name = "MODEL", string? description = null)
    {
        _model = new Argument<string>(name)
        {
            Description = description ?? "A .gguf file, or the name of a model that 'causerie list' shows",
        };
        command.Add(_model);
    }

    /// <summary><c>--data</c>; <see cref="ComputeOptions"/> adds it, or <see cref="AddDataOption"/>.</summary>
    public DataOption Data { get; } = new();

    /// <summary>Adds <c>--data</c>, where the command's other options are in place.</summary>
    public void AddDataOption(Command command) => command.Add(Data);

    /// <summary>The file that is meant.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public string Resolve(ParseResult arguments, Terminal terminal)
    {
        string model = arguments.GetRequiredValue(_model);
        if (File.Exists(model))
            return Path.GetFullPath(model);
        try
        {
            return new ModelStore(Data.Folder(arguments, terminal)).Resolve(model);
        }
        catch (FileNotFoundException e)
        {
            throw new CommandException(e.Message, inner: e);
        }
    }

    /// <summary>The model, open.</summary>
    public GgufFile Open(ParseResult arguments, Terminal terminal) => GgufFile.Open(Resolve(arguments, terminal));
}
