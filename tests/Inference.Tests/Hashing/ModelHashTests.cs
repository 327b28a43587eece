using System.Security.Cryptography;
using Causerie.Chat;
using Causerie.Inference.Hashing;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Hashing;

/// <summary>A model's name is the hash of all of its bytes, or it has none.</summary>
public sealed class ModelHashTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-hash-").FullName;

    private string Model => Path.Combine(_folder, "tiny.gguf");

    private string Cache => Path.Combine(_folder, "weights");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_hash_is_computed_once_for_each_state_of_a_file()
    {
        for (ulong seed = 1; seed <= 2; seed++)
        {
            TinyModel.Write(Model, seed);
            string expected = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Model)));
            for (int start = 0; start < 2; start++)
            {
                using var model = LoadedModel.Load(Model, new LoadOptions { CacheFolder = Cache });
                Assert.Null(model.Fingerprint);
                var hashing = model.HashAsync();
                Assert.True(start == 0 || hashing.IsCompleted);
                Assert.Equal(expected, Assert.Single(await hashing).Sha256);
                Assert.EndsWith($"-{expected[..16]}", model.Fingerprint);
                Assert.Single(Directory.GetFiles(Cache, "*.sha256"));
            }
        }
    }

    [Fact]
    public async Task A_file_that_was_replaced_gives_its_model_no_name()
    {
        TinyModel.Write(Model);
        using var model = LoadedModel.Load(Model);
        string other = TinyModel.Write(Path.Combine(_folder, "other.gguf"), seed: 2);
        File.SetLastWriteTimeUtc(other, File.GetLastWriteTimeUtc(Model).AddSeconds(5));
        File.Move(other, Model, overwrite: true);
        await Assert.ThrowsAsync<IOException>(() => model.HashAsync());
        Assert.Null(model.Fingerprint);
    }

    [Fact]
    public void A_split_models_hash_is_of_its_files_hashes()
    {
        var (a, b) = (new ModelFileHash(1, new string('a', 64)), new ModelFileHash(2, new string('b', 64)));
        Assert.Equal(a.Sha256, FileHash.OfModel([a]));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{a.Sha256}\n{b.Sha256}\n"))),
            FileHash.OfModel([a, b]));
    }
}
